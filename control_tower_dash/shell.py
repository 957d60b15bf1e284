"""The frame around every page: navigation, filters, colour scheme, the watch for new snapshots."""

from collections.abc import Sequence

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, dcc, html
from dash.dependencies import ALL
from dash.development.base_component import Component

from control_tower_dash.browser import register_browser
from control_tower_dash.components.aria import aria
from control_tower_dash.components.grid import column_definitions, grid, rows_of
from control_tower_dash.components.sign_out import sign_out
from control_tower_dash.components.states import notice
from control_tower_dash.elements import Element
from control_tower_dash.filters import DIMENSIONS, PERIODS, understand
from control_tower_dash.pages.page import Page, page_at
from control_tower_dash.queries.dimensions import filter_values
from control_tower_dash.services import Services
from control_tower_dash.theme import MANTINE, TEMPLATES
from control_tower_dash.warehouse import NoSnapshotError

__all__ = ["layout", "register_shell"]

_LABELS = {
    "group": "Group",
    "priority": "Priority",
    "type": "Type",
    "channel": "Channel",
    "tier": "Customer tier",
}


def layout(pages: Sequence[Page], services: Services) -> dmc.MantineProvider:
    """Return the frame, with no page in it yet."""
    return dmc.MantineProvider(
        [
            dcc.Location(id="url", refresh="callback-nav"),
            *[
                dcc.Store(id=name)
                for name in ("version", "title-shown", "filters-told", "links-told", "scheme-told")
            ],
            dcc.Store(id="templates", data=dict(TEMPLATES)),
            dcc.Store(
                id="titles",
                data=[{"path": page.path, "title": page.title} for page in pages],
            ),
            dcc.Interval(id="watch", interval=1000 * services.settings.refresh_seconds),
            html.A("Skip to the page", href="#main", className="skip"),
            dmc.AppShell(
                [
                    dmc.AppShellHeader(_header(can_sign_out=services.settings.sign_in == "oidc")),
                    dmc.AppShellNavbar(_navigation(pages), className="navigation"),
                    dmc.AppShellMain(
                        html.Main(
                            [
                                _filter_bar(),
                                html.Div(id="trouble"),
                                html.Div(id="silence"),
                                html.Div(id="page"),
                            ],
                            id="main",
                            tabIndex="-1",
                        )
                    ),
                ],
                id="frame",
                header={"height": 52},
                navbar={"width": 216, "breakpoint": "md", "collapsed": {"mobile": True}},
                padding="md",
            ),
            _table_window(),
        ],
        theme=dict(MANTINE),
        defaultColorScheme="auto",
    )


def _header(*, can_sign_out: bool) -> html.Div:
    return html.Div(
        [
            dmc.Burger(
                id="burger",
                opened=False,
                hiddenFrom="md",
                size="sm",
                **aria(label="Open the navigation"),
            ),
            dcc.Link("Operations Control Tower", href="/", className="brand"),
            *([sign_out()] if can_sign_out else []),
            dmc.ColorSchemeToggle(
                id="scheme",
                lightIcon=html.Span("☀", **aria(hidden=True)),
                darkIcon=html.Span("☾", **aria(hidden=True)),
                variant="default",
                size="lg",
                **aria(label="Switch between light and dark"),
            ),
        ],
        className="head",
    )


def _navigation(pages: Sequence[Page]) -> html.Nav:
    return html.Nav(
        [
            dmc.NavLink(
                id={"type": "nav", "path": page.path},
                label=page.title,
                href=page.path,
                active="exact",
            )
            for page in pages
            if page.in_navigation
        ],
        **aria(label="Pages"),
    )


def _filter_bar() -> html.Details:
    periods = [{"value": name, "label": label} for name, (label, _) in PERIODS.items()]
    controls: list[Component] = [
        dmc.Select(
            id="filter-period",
            label="Period",
            data=[*periods, {"value": "custom", "label": "Other days …"}],
            value="30d",
            allowDeselect=False,
            size="xs",
        ),
        html.Div(
            dmc.DatePickerInput(
                id="filter-days",
                label="From, to",
                type="range",
                valueFormat="D MMM YYYY",
                size="xs",
            ),
            id="filter-days-place",
            className="is-hidden",
        ),
    ]
    controls += [
        dmc.MultiSelect(
            id=f"filter-{name}",
            label=_LABELS[name],
            placeholder="All",
            data=[],
            value=[],
            clearable=True,
            searchable=True,
            size="xs",
            clearButtonProps={"aria-label": f"Clear {_LABELS[name].lower()}"},
        )
        for name in DIMENSIONS
    ]
    return html.Details(
        [html.Summary("Filters", id="filter-summary"), html.Div(controls, className="filters")],
        id="filter-bar",
        open=True,
        className="filter-bar",
    )


def _table_window() -> dmc.Modal:
    return dmc.Modal(
        [
            html.Div(id="table-content"),
            dcc.Store(id="table-asked"),
        ],
        id="table-window",
        title="",
        size="xl",
        closeButtonProps={"aria-label": "Close"},
    )


def register_shell(
    app: Dash, pages: Sequence[Page], elements: dict[str, Element], services: Services
) -> None:
    """Let the frame work: pages by path, filters in the URL, themes, menus, new snapshots."""

    @app.callback(Output("page", "children"), Input("url", "pathname"))
    def show(path: str | None) -> Sequence[Component]:
        page = page_at(pages, path or "/")
        if page:
            return page.layout(services)
        return [
            html.H1("There is no such page"),
            notice("The link leads nowhere here; choose a page on the left."),
        ]

    @app.callback(
        [Output(f"filter-{name}", "data") for name in DIMENSIONS], Input("version", "data")
    )
    def offer(version: str | None) -> list[list[str]]:
        try:
            values = filter_values(services.warehouse.at(version))
        except NoSnapshotError:
            return [[] for _ in DIMENSIONS]
        return [values[name] for name in DIMENSIONS]

    @app.callback(Output("trouble", "children"), Input("version", "data"))
    def tell(version: str | None) -> list[Component]:
        del version  # says that something changed
        problem = services.warehouse.problem()
        return [notice(f"{problem[:1].upper()}{problem[1:]}.")] if problem else []

    @app.callback(
        Output("table-content", "children"),
        Output("table-window", "title"),
        Output("table-window", "opened"),
        Input("table-asked", "data"),
        State("url", "search"),
        State("url", "pathname"),
        State({"type": "shown", "page": ALL}, "data"),
        prevent_initial_call=True,
    )
    def as_table(
        asked: object, search: str | None, path: str | None, shown: list[str]
    ) -> tuple[Component | str, str, bool]:
        # A browser sends what it likes.
        name = asked.get("element") if isinstance(asked, dict) else None
        element = elements.get(name) if isinstance(name, str) else None
        if element is None:
            return "", "", False
        try:
            reader = services.warehouse.at(shown[0] if shown else None)
        except NoSnapshotError as error:
            return notice(str(error)), element.title, True
        filters = understand(search, filter_values(reader)).filters
        page = page_at(pages, path or "/")
        if page:
            filters = page.with_key(filters, path or "/")
        rows = rows_of(element.query(reader, filters), element.columns)
        table = grid("table-grid", element.columns, rows=rows)
        table.columnDefs = column_definitions(element.columns)
        return table, element.title, True

    register_browser(app)

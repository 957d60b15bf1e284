"""Capacity planning: will we have enough people next month, and what if things change."""

from collections.abc import Sequence
from typing import Final

import dash_mantine_components as dmc
from dash import ClientsideFunction, Dash, Input, Output, State, html
from dash.dependencies import ALL
from dash.development.base_component import Component

from control_tower_dash.capacity_words import who_is_short
from control_tower_dash.components.aria import aria
from control_tower_dash.components.card import card
from control_tower_dash.components.simulator import controls, plan_table
from control_tower_dash.components.states import notice, state
from control_tower_dash.filters import Filters, understand
from control_tower_dash.pages.capacity_elements import ELEMENTS, NO_PEOPLE, NO_SUCH_GROUP
from control_tower_dash.pages.page import Block, Page, block, page_header
from control_tower_dash.queries import what_if as simulator
from control_tower_dash.queries.capacity import needs, series_names
from control_tower_dash.queries.dimensions import filter_values
from control_tower_dash.services import Services
from control_tower_dash.settings import DashboardSettings
from control_tower_dash.warehouse import NoSnapshotError, Reader

__all__ = ["PAGE"]

_CLIENT: Final = "controlTowerCapacity"


def _sentence(reader: Reader, filters: Filters, settings: DashboardSettings) -> Sequence[Component]:
    del settings
    return [html.P(who_is_short(needs(reader, filters)))]


def _plan_notices(
    reader: Reader, filters: Filters, settings: DashboardSettings
) -> Sequence[Component]:
    del settings
    return [notice(says) for says in simulator.plan_asked(reader, filters).left_out]


def _plan_words(
    reader: Reader, filters: Filters, settings: DashboardSettings
) -> Sequence[Component]:
    del settings
    if not simulator.levers(reader):
        return []
    return [html.P(simulator.plan_asked(reader, filters).plan.words(), className="plan-said")]


def _plan_table(
    reader: Reader, filters: Filters, settings: DashboardSettings
) -> Sequence[Component]:
    del settings
    gaps = simulator.gaps(reader, filters)
    if gaps.is_empty():
        return [
            state("empty", NO_SUCH_GROUP)
            if simulator.levers(reader)
            else state("missing", NO_PEOPLE)
        ]
    return plan_table(
        simulator.attainment(reader, filters), gaps, simulator.backlog(reader, filters)
    )


def _layout(services: Services) -> Sequence[Component]:
    del services
    cards = {element.name: card(element) for element in ELEMENTS}
    return [
        page_header(PAGE),
        block("plan-notices", "notices"),
        block("who-is-short", "headline"),
        dmc.Select(
            id={"type": "series-choice", "page": "capacity"},
            label="Volume of",
            placeholder="the groups filtered by, or all tickets",
            data=[],
            clearable=True,
            searchable=True,
            size="xs",
            className="series-choice",
            clearButtonProps={"aria-label": "Clear the series"},
        ),
        cards["volume-forecast"],
        html.Div([cards["capacity-gap"], cards["capacity-gap-by-month"]], className="two-columns"),
        cards["capacity-needs"],
        html.Div(
            [
                _panel(),
                html.Section(
                    [html.H2("The plan and the desk as it stands"), block("plan-table")],
                    className="card",
                    **aria(label="The plan and the desk as it stands"),
                ),
            ],
            className="what-if",
        ),
        html.Div([cards["what-if-sla"], cards["what-if-gap"]], className="two-columns"),
        cards["what-if-backlog"],
        cards["forecast-accuracy"],
    ]


def _panel() -> html.Section:
    return html.Section(
        [
            html.H2("What if …", id="heading-what-if"),
            block("plan-words"),
            html.Div(
                [
                    dmc.Button("Copy link", id="plan-copy", size="xs", variant="light"),
                    dmc.Button("Reset", id="plan-reset", size="xs", variant="default"),
                    html.Span(id="plan-copied", role="status", className="plan-said"),
                ],
                className="plan-buttons",
            ),
            html.P(id="plan-status", role="status", className="plan-status"),
            html.Div(id="plan-controls"),
        ],
        className="card",
        **aria(labelledby="heading-what-if"),
    )


def _register(app: Dash, services: Services) -> None:
    @app.callback(
        Output("plan-controls", "children"),
        Output({"type": "series-choice", "page": "capacity"}, "data"),
        # Controls take long to draw: charts go first.
        Input({"type": "shown", "page": "capacity"}, "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def offer(shown: str | None, search: str | None) -> tuple[list[Component], list[str]]:
        try:
            reader = services.warehouse.at(shown)
        except NoSnapshotError:
            return [], []
        filters = understand(search, filter_values(reader)).filters
        plan = simulator.plan_asked(reader, filters).plan
        return controls(simulator.levers(reader), plan), series_names(reader)

    def client(name: str) -> ClientsideFunction:
        return ClientsideFunction(_CLIENT, name)

    # Patterns may match nothing, which is what they do on the other pages.
    series = {"type": "series-choice", "page": ALL}
    sliders, numbers = ({"type": f"plan-{kind}", "lever": ALL} for kind in ("slider", "number"))
    app.clientside_callback(
        client("plan"),
        Output(sliders, "value"),
        Output(numbers, "value"),
        Input("url", "search"),
        Input(sliders, "value"),
        Input(numbers, "value"),
        State(sliders, "id"),
        State(numbers, "id"),
        State({"type": "plan-levers", "page": ALL}, "data"),
    )
    app.clientside_callback(
        client("reset"),
        Output("url", "search", allow_duplicate=True),
        Input("plan-reset", "n_clicks"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        client("series"),
        Output("url", "search", allow_duplicate=True),
        Output(series, "value"),
        Input("url", "search"),
        Input(series, "value"),
        prevent_initial_call="initial_duplicate",
    )
    app.clientside_callback(
        client("copyLink"),
        Output("plan-copied", "children"),
        Input("plan-copy", "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        client("computing"),
        Output("plan-status", "children", allow_duplicate=True),
        Input("url", "search"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        client("computed"),
        Output("plan-status", "children"),
        Input({"type": "shown", "page": "capacity"}, "data"),
    )


PAGE = Page(
    name="capacity",
    path="/capacity",
    title="Capacity Planning",
    question="Will we have enough people next month?",
    layout=_layout,
    elements=ELEMENTS,
    blocks=(
        Block("plan-notices", _plan_notices),
        Block("who-is-short", _sentence),
        Block("plan-words", _plan_words),
        Block("plan-table", _plan_table),
    ),
    register=_register,
)

"""Pages, and the one way they are filled: everything a page shows comes from one snapshot."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from urllib.parse import unquote
from zoneinfo import ZoneInfo

from dash import Dash, dcc, html
from dash.development.base_component import Component

from control_tower_dash.components.grid import rows_of
from control_tower_dash.components.states import notice, state
from control_tower_dash.components.still import still
from control_tower_dash.elements import Element, not_filtered_by
from control_tower_dash.filters import Filters, understand
from control_tower_dash.formats import readable
from control_tower_dash.packed import Packed, plain
from control_tower_dash.queries.data import age_hours
from control_tower_dash.queries.dimensions import filter_values
from control_tower_dash.services import Services
from control_tower_dash.settings import DashboardSettings
from control_tower_dash.warehouse import NoSnapshotError, Reader

__all__ = [
    "Block",
    "Page",
    "answer_page",
    "block",
    "fill_element",
    "make_ready",
    "page_at",
    "page_header",
]

_LOG: Final = logging.getLogger(__name__)
_Contents: TypeAlias = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Block:
    """A part of a page that is neither chart nor table, made anew with every filter.

    Attributes:
        name: Unique over all pages.
        render: Makes its content.
    """

    name: str
    render: Callable[[Reader, Filters, DashboardSettings], Sequence[Component]]


@dataclass(frozen=True)
class Page:
    """A page of the dashboard.

    Attributes:
        name: Unique.
        path: Where it is; may end with `/<key>`, which becomes the option of that name.
        title: What people call it; its one first-level heading.
        question: The question it answers.
        elements, blocks: What is filled with every change of filters or snapshot.
        layout: Arranges them, without data.
        register: Adds callbacks of its own.
        in_navigation: Whether the navigation leads to it.
        is_kept: Whether what it was filled with may be given to the next who asks the same of the
            same snapshot; not where it is long, or tells of the time that goes by.
    """

    name: str
    path: str
    title: str
    question: str
    layout: Callable[[Services], Sequence[Component]]
    elements: tuple[Element, ...] = ()
    blocks: tuple[Block, ...] = ()
    register: Callable[[Dash, Services], None] | None = None
    in_navigation: bool = True
    option: str | None = field(default=None)
    is_kept: bool = True

    def matches(self, path: str) -> str | None:
        """Return the key in a path if it is this page's, the empty text if it needs none."""
        if self.option is None:
            return "" if path.rstrip("/") == self.path.rstrip("/") else None
        stem = f"{self.path}/"
        key = unquote(path.removeprefix(stem)) if path.startswith(stem) else ""
        return key if key and "/" not in key else None

    def with_key(self, filters: Filters, path: str) -> Filters:
        """Return filters with the key in a path as an option, where this page has one."""
        key = self.matches(path)
        return filters.with_options(**{self.option: key}) if self.option and key else filters


def page_at(pages: Sequence[Page], path: str) -> Page | None:
    """Return the page of a path, if there is one."""
    return next((page for page in pages if page.matches(path) is not None), None)


def page_header(page: Page) -> html.Div:
    """Return the heading of a page and the places of its freshness and its notices."""
    return html.Div(
        [
            html.Div(
                [
                    *still(
                        [
                            html.Div(
                                [html.H1(page.title), html.P(page.question, className="question")]
                            )
                        ]
                    ),
                    html.Div(id={"type": "freshness", "page": page.name}, className="freshness"),
                ],
                className="page-head",
            ),
            html.Div(id={"type": "notices", "page": page.name}, className="notices"),
            dcc.Store(id={"type": "shown", "page": page.name}),
        ]
    )


def block(name: str, class_name: str = "") -> html.Div:
    """Return the place of a block."""
    return html.Div(id={"type": "block", "block": name}, className=class_name)


def answer_page(page: Page, services: Services, search: str | None, path: str) -> dict[str, Any]:
    """Return all that a page shows, from one snapshot, in JSON's own types.

    The browser's script `answers.js` puts it where it belongs. Elements and blocks are kept for the
    next reader of the same view.
    """
    try:
        reader = services.warehouse.current()
    except NoSnapshotError as error:
        return _without_data(page, str(error))
    understood = understand(search, filter_values(reader))
    filters = page.with_key(understood.filters, path)

    said = [notice(says) for says in understood.left_out] + _stale(reader, services.settings)
    if page.is_kept:
        view = services.views.of(
            reader.snapshot_id,
            page.name,
            filters,
            lambda: _worked_out(page, services, reader, filters),
        ).value()
    else:
        view = plain(_sent(_contents(page, services, reader, filters)))
    return {
        "page": page.name,
        "freshness": plain(still(_freshness(reader, services.settings))),
        "notices": plain(said),
        "shown": reader.snapshot_id,
        **view,
    }


def make_ready(page: Page, services: Services, reader: Reader, filters: Filters) -> None:
    """Work out a view of a snapshot for whoever will ask for it, if it is not there yet."""
    services.views.make_ready(
        reader.snapshot_id,
        page.name,
        filters,
        lambda: _worked_out(page, services, reader, filters),
    )


def _worked_out(page: Page, services: Services, reader: Reader, filters: Filters) -> Packed:
    found = _contents(page, services, reader, filters)
    return Packed.of(_sent(found), is_whole=_is_whole(found))


def _contents(page: Page, services: Services, reader: Reader, filters: Filters) -> _Contents:
    return {
        "elements": {
            element.name: fill_element(element, reader, filters) for element in page.elements
        },
        "blocks": {one.name: _render(one, reader, filters, services) for one in page.blocks},
    }


def _sent(contents: _Contents) -> _Contents:
    blocks = {name: still(parts) for name, parts in contents["blocks"].items()}
    return {**contents, "blocks": blocks}


def _is_whole(contents: _Contents) -> bool:
    """Return whether nothing failed; what failed may succeed the next time."""
    parts = [one["state"] for one in contents["elements"].values()]
    parts += [part for rendered in contents["blocks"].values() for part in rendered]
    return not any("state-error" in str(getattr(part, "className", "")) for part in parts)


def fill_element(element: Element, reader: Reader, filters: Filters) -> dict[str, Any]:
    """Return figure or rows, caption, message and class of an element."""
    try:
        frame = element.query(reader, filters)
        if frame.is_empty():
            return _stand_in(element, *_why_empty(element, reader))
        data: Any = (
            element.figure(frame)
            if element.figure
            else rows_of(frame.head(element.shown_rows or frame.height), element.columns)
        )
        caption = element.caption(frame) if element.caption else ""
    except Exception:  # noqa: BLE001 - one figure that fails must not take its page with it
        _LOG.exception("%s could not be shown", element.name)
        return _stand_in(
            element, "error", "This figure failed; the dashboard's log has the reason."
        )
    caption = f"{caption} {not_filtered_by(filters, element.applies)}".strip()
    kind = "chart-body" if element.figure else "table-body"
    return {"data": data, "state": None, "caption": caption, "class": kind}


def _why_empty(element: Element, reader: Reader) -> tuple[str, str]:
    if element.source_needs and reader.query(element.source_needs).is_empty():
        return "missing", element.missing
    return "empty", element.empty


def _stand_in(element: Element, kind: Any, says: str) -> dict[str, Any]:
    return {
        "data": None if element.figure else [],
        "state": state(kind, says),
        "caption": "",
        "class": "is-hidden",
    }


def _render(
    one: Block, reader: Reader, filters: Filters, services: Services
) -> Sequence[Component]:
    try:
        return one.render(reader, filters, services.settings)
    except Exception:  # noqa: BLE001 - one block that fails must not take its page with it
        _LOG.exception("%s could not be shown", one.name)
        return [state("error", "This part failed; the dashboard's log has the reason.")]


def _without_data(page: Page, says: str) -> dict[str, Any]:
    return {
        "page": page.name,
        "freshness": [],
        "notices": plain([notice(f"{says[:1].upper()}{says[1:]}.")]),
        "shown": None,
        "elements": {
            element.name: plain(_stand_in(element, "error", "There is no data to show yet."))
            for element in page.elements
        },
        "blocks": {one.name: [] for one in page.blocks},
    }


def _freshness(reader: Reader, settings: DashboardSettings) -> list[Component]:
    as_of = reader.as_of.astimezone(ZoneInfo(settings.time_zone))
    warned = reader.info.get("checks_warned") or 0
    label = f"Data as of {readable(as_of, 'moment')} {as_of.tzname()}"
    return [
        dcc.Link(
            label,
            href="/data",
            className="freshness-badge",
            title=f"Snapshot {reader.snapshot_id}; {warned} checks warned",
        )
    ]


def _stale(reader: Reader, settings: DashboardSettings) -> list[Component]:
    hours = age_hours(reader)
    if hours is None or hours <= settings.stale_hours:
        return []
    published = readable(reader.info["published_at"], "moment")
    return [
        notice(
            f"These figures are {readable(hours, 'hours')} old: the last run that published was on "
            f"{published} UTC. Look at the data page for the reason."
        )
    ]

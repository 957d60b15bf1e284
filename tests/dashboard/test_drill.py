"""What a mark or a row says is what the list behind it holds, on every page and for many views."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, Literal
from urllib.parse import parse_qsl, urlencode

import polars as pl
import pytest

from control_tower_dash.elements import Element
from control_tower_dash.filters import DIMENSIONS, Filters, understand
from control_tower_dash.pages import PAGES
from control_tower_dash.pages.page import Page
from control_tower_dash.queries.dimensions import filter_values
from control_tower_dash.queries.drill import BEHIND
from control_tower_dash.queries.ticket_choice import choice_of
from control_tower_dash.queries.tickets import found_tickets
from control_tower_dash.settings import DashboardSettings
from control_tower_dash.warehouse import Reader
from tests.dashboard.components.tree import texts, walk

Relation = Literal["equal", "at most", "at least"]


@dataclass(frozen=True)
class Says:
    """How many tickets may be behind a row, by what the row itself counts."""

    number: pl.Expr
    relation: Relation = "equal"


def tickets_in(column: str) -> Says:
    """Say that a column counts tickets: the list has exactly these."""
    return Says(pl.col(column))


def happenings_in(number: pl.Expr) -> Says:
    """Say that a ticket may count several times: the list has each once."""
    return Says(number, "at most")


SAYS: Final = {
    "tickets-by-day": tickets_in("tickets"),
    "sla-by-group-priority-type": happenings_in(pl.col("decided") - pl.col("met")),
    "bottleneck-score": tickets_in("tickets"),
    "backlog-by-age": tickets_in("tickets"),
    "groups": tickets_in("solved"),
    "process-map": happenings_in(pl.col("count")),
    "transition-matrix": happenings_in(pl.col("count")),
    "group-times": tickets_in("tickets"),
    # A flow tells the second time of a step from the first; its list has all with the step.
    "ticket-flows": Says(pl.col("tickets"), "at least"),
    "variants": tickets_in("tickets"),
    "deviation-costs": tickets_in("tickets"),
    "deviations": tickets_in("tickets"),
    "volume-forecast": tickets_in("observed"),
    "csat-distribution": happenings_in(pl.col("ratings")),
    "csat-by-week": happenings_in(pl.col("ratings")),
    "what-goes-with-csat": happenings_in(pl.col("with_it")),
    "reopens-by-group": tickets_in("happened"),
    "escalations-by-group": tickets_in("happened"),
    "churn-by-tier": tickets_in("happened"),
    "actions": tickets_in("tickets"),
}
_DRAWN: Final = ("overview", "queues", "bottlenecks", "quality")


def views(reader: Reader, *, thoroughly: bool) -> list[str]:
    """Return queries of pages; thoroughly, each dimension alone, too, and every group."""
    values = filter_values(reader)
    first = {str(name): values[name][0] for name in DIMENSIONS}
    last = {str(name): values[name][-1] for name in DIMENSIONS}
    asked: list[dict[str, Any]] = [
        {},
        {"from": "2026-03-10", "to": "2026-03-31", "priority": values["priority"][:2]},
        {"period": "all", "group": first["group"], "tier": first["tier"]},
        {"period": "365d", **last},
    ]
    if thoroughly:
        asked += [{"period": period} for period in ("7d", "all")]
        asked += [{"period": "all", name: value} for name, value in first.items()]
        asked += [{"period": "all", "group": group} for group in values["group"]]
    return [f"?{urlencode(one, doseq=True)}" if one else "" for one in asked]


def marks(part: Any) -> Iterator[str]:
    """Yield what the marks of a figure lead on with, as the browser reads them."""
    if isinstance(part, list):
        for one in part:
            yield from marks(one)
    if isinstance(part, dict):
        points = part.get("customdata") or []
        cells = (
            [cell for row in points for cell in row] if part.get("type") == "heatmap" else points
        )
        for cell in [*cells, part.get("behind")]:
            text = cell[0] if isinstance(cell, list) else cell
            if isinstance(text, str) and "=" in text:
                yield text
        yield from marks([value for name, value in part.items() if name != "customdata"])


class Walk:
    """Every link of the pages of a desk, followed.

    Attributes:
        wrong: A sentence for every mark and row that leads to other tickets than it says.
        led_on: Elements that led anywhere.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known = filter_values(reader)
        self._found: dict[Filters, int] = {}
        self.wrong: list[str] = []
        self.led_on: set[str] = set()

    def page(self, page: Page, search: str) -> None:
        """Follow the marks and rows of a page that is looked at with a query."""
        filters = understand(search, self._known).filters
        for element in page.elements:
            frame = element.query(self._reader, filters)
            if BEHIND in frame.columns and frame.height:
                self._element(element, frame, search)

    def sentences(self, page: Page, search: str) -> None:
        """Follow the links in the sentences of a page."""
        filters = understand(search, self._known).filters
        for block in page.blocks:
            made = block.render(self._reader, filters, DashboardSettings())
            for link in walk(list(made)):
                self._link(getattr(link, "href", None) or "", texts(link), search)

    def _element(self, element: Element, frame: pl.DataFrame, search: str) -> None:
        name, says = element.name, SAYS[element.name]
        assert any(column.kind == "drill" for column in element.columns), f"{name}: no keyboard way"
        pieces = set(frame[BEHIND].drop_nulls())
        if element.figure:
            drawn = set(marks(element.figure(frame)))
            self.wrong += [f"{name}{search}: no row leads to {piece}" for piece in drawn - pieces]
            if pieces and not drawn:
                self.wrong.append(f"{name}{search}: rows lead on, and no mark does")
        for piece, number in frame.select(BEHIND, says.number).iter_rows():
            if piece is None:
                continue
            self.led_on.add(name)
            found = self._listed(search, piece)
            holds = {"equal": found == number, "at most": found <= number}.get(says.relation)
            if not found or not (found >= number if holds is None else holds):
                self.wrong.append(
                    f"{name}{search}: {piece} says {number} ({says.relation}), {found} are listed"
                )

    def _link(self, href: str, says: str, search: str) -> None:
        if not href.startswith("/tickets?"):
            return
        self.led_on.add("links")
        number = re.search(r"\d[\d,]*", says)
        found = self._listed("", href.removeprefix("/tickets?"))
        if not found or (number and found != int(number.group().replace(",", ""))):
            self.wrong.append(f"{href}{search} says {says}, {found} are listed")

    def _listed(self, search: str, piece: str) -> int:
        filters = self._list_of(search, piece)
        if filters not in self._found:
            self._found[filters] = found_tickets(self._reader, filters)
        return self._found[filters]

    def _list_of(self, search: str, piece: str) -> Filters:
        """Return what the tickets page is asked for by a click, as the browser puts it together."""
        more = parse_qsl(piece, keep_blank_values=True, strict_parsing=True)
        replaced = {name for name, _ in more}
        replaced |= {"period"} if "from" in replaced else set()
        replaced |= {"from", "to"} if "period" in replaced else set()
        kept = [pair for pair in parse_qsl(search.removeprefix("?")) if pair[0] not in replaced]
        asked = urlencode([*kept, *(pair for pair in more if pair[1])])
        understood = understand(asked, self._known)
        assert not understood.left_out, (asked, understood.left_out)
        choice = choice_of(self._reader, understood.filters)
        assert not choice.not_understood, (asked, choice.not_understood)
        return understood.filters


_THOROUGHLY: Final = [False, pytest.param(True, marks=pytest.mark.soak)]


@pytest.mark.parametrize("thoroughly", _THOROUGHLY, ids=["some", "many"])
def test_a_desk_drawn_at_random_lists_what_its_marks_say(
    drawn_desk: Reader, *, thoroughly: bool
) -> None:
    """Deleted tickets, no group, no priority, several ratings, a clock in the midst of a day."""
    walked = Walk(drawn_desk)
    for page in PAGES:
        for search in views(drawn_desk, thoroughly=thoroughly) if page.name in _DRAWN else ():
            walked.page(page, search)
    assert not walked.wrong, "\n".join(walked.wrong)
    on_these = {one.name for page in PAGES if page.name in _DRAWN for one in page.elements}
    assert walked.led_on == SAYS.keys() & on_these


@pytest.mark.parametrize("thoroughly", _THOROUGHLY, ids=["some", "many"])
def test_a_published_desk_lists_what_its_marks_say(desk: Reader, *, thoroughly: bool) -> None:
    """All pages there are, recommendations and forecasts among them."""
    walked = Walk(desk)
    for page in PAGES:
        for search in views(desk, thoroughly=thoroughly):
            walked.page(page, search)
            walked.sentences(page, search)
    assert not walked.wrong, "\n".join(walked.wrong)
    assert walked.led_on == {*SAYS, "links"}


def test_a_wrong_link_is_found_out(drawn_desk: Reader) -> None:
    """A mark that says one more than there are, and one that leads nowhere, are told of."""
    page = next(page for page in PAGES if page.name == "queues")
    element = next(one for one in page.elements if one.name == "groups")

    def one_more(reader: Reader, filters: Filters) -> pl.DataFrame:
        return element.query(reader, filters).with_columns(pl.col("solved") + 1)

    def elsewhere(reader: Reader, filters: Filters) -> pl.DataFrame:
        frame = element.query(reader, filters)
        return frame.with_columns(pl.col(BEHIND) + "&from=1999-01-01&to=1999-01-02")

    for broken in (one_more, elsewhere):
        walked = Walk(drawn_desk)
        walked.page(replace(page, elements=(replace(element, query=broken),)), "")
        assert len(walked.wrong) >= 3

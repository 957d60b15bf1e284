"""How pages are filled: once for all who ask the same of a snapshot, and again what failed."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import polars as pl
import pytest

from control_tower_dash.elements import Column, Element
from control_tower_dash.filters import Filters
from control_tower_dash.pages.page import Page, answer_page
from control_tower_dash.services import Services
from control_tower_dash.settings import DashboardSettings
from control_tower_dash.views import Views
from control_tower_dash.warehouse import Reader
from tests.dashboard.made_up import MadeUp, outcomes


class _Counted:
    """A page of one table, a place that has it, and how often it was asked for."""

    def __init__(self, *, fails: int = 0, is_kept: bool = True) -> None:
        self.asked = 0
        self._fails = fails
        self.page = Page(
            name="counted",
            path="/",
            title="",
            question="",
            layout=lambda _: [],
            elements=(Element("rows", "Rows", self._rows, (Column("n", "N"),)),),
            is_kept=is_kept,
        )
        reader = MadeUp({"marts.ticket_outcomes": outcomes({})}, datetime(2026, 3, 2, tzinfo=UTC))
        reader.info = {**reader.info, "published_at": datetime.now(UTC)}
        warehouse = SimpleNamespace(current=lambda: reader)
        self._services = cast(
            "Services",
            SimpleNamespace(settings=DashboardSettings(), warehouse=warehouse, views=Views()),
        )

    def _rows(self, _: Reader, filters: Filters) -> pl.DataFrame:
        self.asked += 1
        if self.asked <= self._fails:
            raise ValueError("not this time")
        return pl.DataFrame({"n": [filters.period]})

    def fill(self, search: str = "") -> Any:
        """Return the rows a reader gets."""
        return answer_page(self.page, self._services, search, "/")["elements"]["rows"]["data"]


def test_the_same_view_is_worked_out_once() -> None:
    """Another view is another; asked again, each is what it was."""
    counted = _Counted()
    for _ in range(2):
        assert counted.fill() == [{"n": "30d"}]
        assert counted.fill("?period=7d") == [{"n": "7d"}]
    assert counted.asked == 2


def test_what_failed_is_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    """A failure is shown and not kept."""
    counted = _Counted(fails=1)
    assert counted.fill() == []
    assert "not this time" in caplog.text
    assert counted.fill() == [{"n": "30d"}]


def test_a_page_that_tells_of_now_is_filled_each_time() -> None:
    """It says so itself."""
    counted = _Counted(is_kept=False)
    counted.fill()
    counted.fill()
    assert counted.asked == 2

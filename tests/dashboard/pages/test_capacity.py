"""The capacity page as a whole: every part filled from one snapshot, or saying why not."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import polars as pl
import pytest

from control_tower.settings import PROJECT_ROOT
from control_tower_dash.pages.capacity import PAGE
from control_tower_dash.pages.page import answer_page
from control_tower_dash.services import Services
from control_tower_dash.settings import DashboardSettings
from control_tower_dash.views import Views
from control_tower_dash.warehouse import Warehouse
from tests.dashboard.capacity_desk import Tables, capacity_tables, profile


class _Always:
    """A warehouse of one snapshot."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def current(self) -> Tables:
        return self._tables


def _desk(**instead: Any) -> Tables:
    outcomes = pl.DataFrame(
        {
            "group_name": ["Front Desk", "Back Office", "Night Shift"],
            "priority": ["urgent", "normal", "normal"],
            "ticket_type": ["incident"] * 3,
            "channel": ["email"] * 3,
            "customer_tier": ["gold"] * 3,
            "is_deleted": [False] * 3,
        }
    )
    return Tables(capacity_tables(**instead) | {"marts.ticket_outcomes": outcomes})


def _filled(search: str, **instead: Any) -> dict[str, Any]:
    services = Services(DashboardSettings(), cast(Warehouse, _Always(_desk(**instead))), Views())
    return answer_page(PAGE, services, search, "/capacity")


@pytest.mark.parametrize(
    "search", ["", "?volume=1.2&headcount.front-desk=7", "?group=Back+Office&period=7d"]
)
def test_every_part_is_filled(search: str) -> None:
    """No element stands in for another, and none fails."""
    filled = _filled(search)
    assert {part["state"] for part in filled["elements"].values()} == {None}
    assert all(part["caption"] for part in filled["elements"].values())
    assert "failed" not in str(filled["blocks"])


def test_filters_that_do_not_apply_are_told_of() -> None:
    """Forecasts are of the total and the groups only."""
    filled = _filled("?period=7d&priority=urgent&group=Front+Desk")
    for part in filled["elements"].values():
        assert part["caption"].endswith("Not filtered by period, priority.")


def test_bad_parts_of_a_plan_are_told_of() -> None:
    """Each with a sentence of its own above the page."""
    blocks = _filled("?volume=99&headcount.nobody=1&handle=0.8")["blocks"]
    assert [one["props"]["children"] for one in blocks["plan-notices"]] == [
        "“headcount.nobody” is nothing that can be planned here; it was left out.",
        "Ticket volume can be -50 % to +100 %, not +9800 %; it stays at +0 %.",
    ]
    assert "Handle time -20 %" in str(blocks["plan-words"])


def test_a_source_without_people_says_so() -> None:
    """The simulator stands back; the forecast stays."""
    filled = _filled("", desk_groups=profile().groups.clear())
    parts = filled["elements"]
    assert parts["volume-forecast"]["state"] is None
    for name in ("what-if-sla", "what-if-gap", "what-if-backlog"):
        assert "state-missing" in parts[name]["state"]["props"]["className"]
    (table,) = filled["blocks"]["plan-table"][0]["props"]["tree"]
    assert "state-missing" in table["props"]["className"]
    assert filled["blocks"]["plan-words"] == []


def test_a_group_without_people_says_so() -> None:
    """That is not the same as a source without any."""
    filled = _filled("?group=Night+Shift")
    assert "state-empty" in filled["elements"]["what-if-gap"]["state"]["props"]["className"]
    assert "state-empty" in filled["elements"]["capacity-gap"]["state"]["props"]["className"]
    assert filled["elements"]["capacity-needs"]["state"] is None


def test_the_page_needs_no_forecasting_library(tmp_path: Path) -> None:
    """Models, schemas and the orchestrator would cost every worker seconds and memory."""
    code = (
        "import sys\n"
        "from control_tower_dash import create_app\n"
        "from control_tower_dash.settings import DashboardSettings\n"
        "create_app(DashboardSettings())\n"
        "import control_tower_dash.queries.what_if\n"
        "heavy = {'statsforecast', 'pandas', 'dagster', 'dataframely', 'sqlalchemy', 'scipy'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    outcome = subprocess.run(
        [sys.executable, "-c", code],
        env={
            **os.environ,
            "CONTROL_TOWER_DATA_DIR": str(tmp_path),
            "PYTHONPATH": str(PROJECT_ROOT),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert outcome.stdout.strip() == "[]"

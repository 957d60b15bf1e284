"""The data page: checks, tables, accuracy and reconciled SLA figures, worked out by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from control_tower_dash.filters import Filters
from control_tower_dash.pages.data import PAGE
from control_tower_dash.pages.page import fill_element
from control_tower_dash.queries import data
from tests.dashboard.made_up import MadeUp

AS_OF = datetime(2026, 3, 31, tzinfo=UTC)
RECONCILED: dict[str, Any] = {
    "ticket_id": pl.Int64,
    "metric": pl.String,
    "instance": pl.Int64,
    "ours_minutes": pl.Float64,
    "theirs_minutes": pl.Float64,
    "difference_minutes": pl.Float64,
    "reason": pl.String,
}


def reconciled(*rows: tuple[int, str, float | None, str | None]) -> MadeUp:
    """Return a desk of (ticket, metric, difference in minutes, reason)."""
    table = pl.DataFrame(
        [
            (ticket, metric, 1, 60.0, None if by is None else 60.0 - by, by, reason)
            for ticket, metric, by, reason in rows
        ],
        RECONCILED,
        orient="row",
    )
    return MadeUp({"marts.sla_reconciliation": table}, AS_OF)


def test_checks_that_did_not_pass_come_first_with_their_signs() -> None:
    """An outcome nobody knows yet is not hidden behind those that passed."""
    rows = [
        ("b", "one", "passed", ""),
        ("c", "two", "warned", "3 rows"),
        ("a", "three", "passed", ""),
        ("d", "four", "failed", "no rows"),
        ("e", "five", "not_run", ""),
    ]
    table = pl.DataFrame(rows, ["table_name", "check_name", "outcome", "says"], orient="row")
    found = data.checks(MadeUp({"meta.checks": table}, AS_OF), Filters())
    assert found.select("outcome", "check_name").rows() == [
        ("not_run", "five"),
        ("✕ failed", "four"),
        ("▲ warned", "two"),
        ("✓ passed", "three"),
        ("✓ passed", "one"),
    ]


def test_tables_are_counted_and_those_outside_the_snapshot_are_not() -> None:
    """Described or not, a table of the snapshot has its rows; the raw files have none here."""
    built_at = datetime(2026, 3, 30, tzinfo=UTC)
    said = pl.DataFrame(
        {
            "table_name": ["marts.sla", "raw.tickets"],
            "description": ["Clocks.", "Tickets."],
            "built_at": [built_at] * 2,
        }
    )
    reader = MadeUp({"marts.sla": pl.DataFrame({"a": [1, 2, 3]}), "meta.tables": said}, AS_OF)
    found = data.tables(reader, Filters())
    assert found.select("table_name", "description", "rows").rows() == [
        ("marts.sla", "Clocks.", 3),
        ("meta.tables", None, 2),
        ("raw.tickets", "Tickets.", None),
    ]
    aged = data.with_age(found, built_at + timedelta(hours=5))
    assert aged["age_hours"].to_list() == [5.0, None, 5.0]


def test_the_snapshot_has_its_age_and_its_source() -> None:
    """The age is what passed since it was published, not since the tower's clock."""
    reader = MadeUp(
        {"staging.stg_landing": pl.DataFrame({"described_as": ["Zendesk of Acme"]})}, AS_OF
    )
    reader.info = {"as_of": AS_OF, "published_at": AS_OF + timedelta(hours=2)}
    found = data.snapshot(reader, now=AS_OF + timedelta(hours=5))
    assert (found["described_as"], found["age_hours"]) == ("Zendesk of Acme", 3.0)


def test_the_champion_leads_its_series_and_the_total_leads_all() -> None:
    """Others follow by their error."""
    rows = [
        ("Billing", "demand", "A", 0.5, False),
        ("Billing", "demand", "B", 0.9, True),
        ("Total", "created", "C", 1.5, False),
        ("Total", "created", "D", 1.1, False),
        ("Total", "created", "E", 2.0, True),
    ]
    table = pl.DataFrame(
        rows, ["series", "measure", "model", "mase", "is_champion"], orient="row"
    ).with_columns(
        *[
            pl.lit(0.5).alias(name)
            for name in ("rmsse", "smape", "coverage_80", "coverage_95", "windows", "days_tested")
        ]
    )
    reader = MadeUp({"forecasting.forecast_accuracy": table}, AS_OF)
    found = data.forecasts(reader, Filters())
    assert found["model"].to_list() == ["E", "D", "C", "B", "A"]
    assert [bool(mark) for mark in found["champion"]] == [True, False, False, True, False]


def test_sla_figures_agree_within_a_minute_or_are_explained_or_neither() -> None:
    """Exactly a minute agrees; what the source does not tell cannot agree."""
    reader = reconciled(
        (1, "first_reply_time", 0.0, None),
        (2, "first_reply_time", -1.0, None),
        (3, "first_reply_time", 1.5, "holiday"),
        (4, "first_reply_time", -90.0, None),
        (5, "resolution_time", None, None),
        (6, "resolution_time", 0.5, "rounded"),
        (7, "resolution_time", 20.0, None),
    )
    assert data.sla_reconciled(reader, Filters()).rows() == [
        ("First reply", 4, 2, 1, 1),
        ("Resolution", 3, 1, 0, 2),
    ]
    assert data.sla_differences(reader, Filters())["ticket_id"].to_list() == [4, 7, 5]


@pytest.mark.parametrize("element", PAGE.elements, ids=lambda element: element.name)
def test_a_snapshot_without_the_tables_says_so(element: Any) -> None:
    """Older snapshots and other sources leave nothing broken."""
    filled = fill_element(element, MadeUp({}, AS_OF), Filters())
    assert filled["class"] == "is-hidden"
    assert "state-error" not in filled["state"].className


def test_no_sla_figures_is_not_no_difference() -> None:
    """Where all agree, the list of differences says so; without any figures it must not."""
    (element,) = [one for one in PAGE.elements if one.name == "data-sla-differences"]
    agreed = fill_element(element, reconciled((1, "resolution_time", 0.0, None)), Filters())
    without = fill_element(element, reconciled(), Filters())
    assert "state-empty" in agreed["state"].className
    assert "state-missing" in without["state"].className

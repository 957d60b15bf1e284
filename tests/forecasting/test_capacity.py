"""Required and available days, worked out by hand; where facts are missing, what is still said."""

import math
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from control_tower.forecasting.capacity import capacity_gap, capacity_outlook
from control_tower.forecasting.capacity_tables import CapacityGap, CapacityOutlook
from control_tower.forecasting.measured_capacity import (
    error_correlation,
    handle_minutes_by_group,
    saturated_closures,
)
from control_tower.raw.simulator import group_capacity, load_configuration
from control_tower.schema_rules import schema_violations
from tests.raw.simulator.desks import desk

FIRST = date(2026, 3, 30)
TICKETS = 50_000


def _forecast(*groups: str, tickets: float = 20.0, days: int = 4) -> pl.DataFrame:
    return pl.DataFrame(
        [
            (group, FIRST + timedelta(days=n), tickets, tickets - 3, tickets + 4, 12.0, 30.0)
            for group in groups
            for n in range(days)
        ],
        schema=["series", "day", "forecast", "lo_80", "hi_80", "lo_95", "hi_95"],
        orient="row",
    )


def _days(days: int = 4) -> pl.DataFrame:
    return pl.DataFrame(
        {"day": [FIRST + timedelta(days=n) for n in range(days)], "working_days": [1.0] * days}
    )


def _capacity(*groups: str) -> pl.DataFrame:
    return pl.DataFrame(
        [(group, 2.0, 6.0, 0.25, 0.5) for group in groups],
        schema={
            "group_name": pl.String,
            "fte": pl.Float64,
            "productive_hours_per_day": pl.Float64,
            "shrinkage": pl.Float64,
            "target_occupancy": pl.Float64,
        },
        orient="row",
    )


def _minutes(**groups: float) -> pl.DataFrame:
    return pl.DataFrame(
        {"group_name": list(groups), "handle_minutes": list(groups.values())},
        schema={"group_name": pl.String, "handle_minutes": pl.Float64},
    )


def _closures(**groups: float) -> pl.DataFrame:
    return pl.DataFrame(
        {"group_name": list(groups), "closures_per_day": list(groups.values())},
        schema={"group_name": pl.String, "closures_per_day": pl.Float64},
    )


def test_gap_by_hand() -> None:
    """Two days in March, two in April: 40 tickets of 18 minutes each need 4 days; 3 are there."""
    found = capacity_gap(
        _forecast("A"), _capacity("A"), _minutes(A=18.0), _closures(), _days(), correlation=1.0
    )
    assert found["month"].to_list() == [date(2026, 3, 1), date(2026, 4, 1)]
    assert found["last_day"].to_list() == [date(2026, 3, 31), date(2026, 4, 2)]
    assert found["forecast_tickets"].to_list() == [40, 40]
    # 18 minutes x 40 = 720; a post does 60 x 6 x 0.5 = 180 a day; 2 posts, a quarter away, 2 days.
    assert found["required_fte_days"].to_list() == pytest.approx([4, 4])
    assert found["available_fte_days"].to_list() == pytest.approx([3, 3])
    assert found["gap_fte_days"].to_list() == pytest.approx([1, 1])
    assert found["capacity_tickets"].to_list() == pytest.approx([30, 30])
    # All errors one way: 3 tickets too many a day are 6, and 10 tickets are a day of a post.
    assert found["lo_80"].to_list() == pytest.approx([0.4, 0.4])
    assert found["hi_80"].to_list() == pytest.approx([1.8, 1.8])
    assert set(found["basis"]) == {"handle minutes"}
    assert list(schema_violations("capacity_gap", CapacityGap, found)) == []


def test_the_outlook_is_all_days_together() -> None:
    """The months' days and tickets add up to the outlook's."""
    given = (_forecast("A"), _capacity("A"), _minutes(A=18.0), _closures(), _days())
    months, whole = capacity_gap(*given, 0.0), capacity_outlook(*given, 0.0)
    for column in ("working_days", "forecast_tickets", "required_fte_days", "gap_fte_days"):
        assert whole[column].item() == pytest.approx(months[column].sum())
    assert list(schema_violations("capacity_outlook", CapacityOutlook, whole)) == []
    # Errors that have nothing to do with each other add up by their squares.
    assert whole["hi_80"].item() - whole["gap_fte_days"].item() == pytest.approx(
        math.sqrt(4 * 4**2) / 10
    )


def test_without_handle_minutes_closures_say_what_can_be_done() -> None:
    """A group that closes 15 a day with 1.5 posts there does 10 a day of a post, at full tilt."""
    found = capacity_outlook(
        _forecast("A"), _capacity("A"), _minutes(), _closures(A=15.0), _days(), 0.0
    )
    assert found["basis"].item() == "closures"
    assert found["handle_minutes"].item() == pytest.approx(36)
    assert found["required_fte_days"].item() == pytest.approx(80 / (10 * 0.5))


def test_without_posts_the_gap_is_in_tickets() -> None:
    """A group that is in no plan has no days, but what it can close is known."""
    found = capacity_outlook(
        _forecast("A", "B"),
        _capacity("A"),
        _minutes(A=18.0, B=18.0),
        _closures(B=15.0),
        _days(),
        0.0,
    )
    other = found.filter(pl.col("group_name") == "B").row(0, named=True)
    assert other["available_fte_days"] is None
    assert other["gap_fte_days"] is None
    assert other["hi_95"] is None
    assert other["gap_tickets"] == pytest.approx(80 - 60)
    assert other["basis"] == "closures"


def test_nothing_known_nothing_said() -> None:
    """Neither posts, nor effort, nor a busy day: the forecast alone is there."""
    found = capacity_outlook(_forecast("A"), _capacity(), _minutes(), _closures(), _days(), 1.0)
    assert found["basis"].item() == "unknown"
    assert found["forecast_tickets"].item() == 80
    assert found["gap_tickets"].item() is None
    assert list(schema_violations("capacity_outlook", CapacityOutlook, found)) == []


def test_no_forecast_no_rows() -> None:
    """An empty forecast makes empty tables of the declared shape."""
    empty = _forecast("A").clear()
    found = capacity_gap(empty, _capacity("A"), _minutes(A=1.0), _closures(), _days(), 1.0)
    assert found.is_empty()
    assert list(schema_violations("capacity_gap", CapacityGap, found)) == []


def test_handle_minutes_are_of_each_time_a_ticket_comes() -> None:
    """A ticket reopened came twice, as the forecast counts; open tickets are not measured."""
    at = datetime(2026, 3, 1, tzinfo=UTC)
    events = pl.DataFrame(
        [
            (1, 1, at, "new", "A"),
            (2, 1, at, "solved", "A"),
            (3, 1, at, "open", "A"),
            (4, 1, at, "open", "B"),
            (5, 1, at, "solved", "B"),
            (6, 2, at, "new", "A"),
            (7, 2, at, "closed", "A"),
            (8, 3, at, "new", "A"),
        ],
        schema=["event_id", "ticket_id", "occurred_at", "status", "group_name"],
        orient="row",
    )
    tickets = pl.DataFrame(
        {"ticket_id": [1, 2, 3], "created_at": at, "status": ["solved", "closed", "open"]}
    )
    costs = pl.DataFrame(
        {
            "ticket_id": [1, 1, 2, 3],
            "group_name": ["A", "B", "A", "A"],
            "handle_minutes": [30.0, 50.0, 15.0, 1.0],
        }
    )
    found = handle_minutes_by_group(costs, tickets, events, date(2026, 3, 30))
    assert found.rows() == [("A", 15.0, 2), ("B", 50.0, 1)]


def test_saturated_days_are_those_with_plenty_before_and_after() -> None:
    """Twelve days with 40 waiting at both ends say 20 a day; a quiet end says nothing."""
    days = pl.DataFrame(
        {"day": [FIRST + timedelta(days=n) for n in range(30)], "working_days": 1.0}
    )
    busy = [n < 13 for n in range(30)]
    ops = days.select("day").with_columns(
        pl.lit("A").alias("group_name"),
        pl.Series("solved", [18 if b else 9 for b in busy]),
        pl.Series("handed_over", [2 if b else 0 for b in busy]),
        pl.Series("backlog", [40 if b else 3 for b in busy]),
        pl.lit(value=True).alias("is_complete"),
    )
    found = saturated_closures(ops, days).row(0)
    assert found == ("A", 20.0, 12)
    few = ops.with_columns(
        pl.when(pl.col("day") < FIRST + timedelta(days=5)).then(40).otherwise(3).alias("backlog")
    )
    assert saturated_closures(few, days).row(0)[1] is None


def _history(draw: np.ndarray) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "group_name": "A",
            "day": [FIRST + timedelta(days=n) for n in range(len(draw))],
            "tickets": draw.astype(np.float64),
        }
    )


def test_errors_that_go_together_are_told_from_those_that_do_not() -> None:
    """Independent days correlate hardly at all, months that are busy as a whole strongly."""
    random = np.random.default_rng(5)
    days = 28 * 26
    apart = random.poisson(100, size=days)
    level = np.repeat(random.normal(0, 40, size=26), 28)
    together = random.poisson(100 + np.clip(level, -80, 80))
    assert error_correlation(_history(apart)) < 0.05
    assert error_correlation(_history(together)) > 0.6


@pytest.mark.parametrize("days", [0, 1, 100])
def test_short_histories_are_taken_at_their_worst(days: int) -> None:
    """Without enough past to tell, all errors are taken to go one way."""
    assert error_correlation(_history(np.full(days, 3))) == 1.0


def test_the_built_in_team_is_short_of_specialists() -> None:
    """In an average month Tier 2 is short of days, by about ten; the others are not."""
    landing = desk(TICKETS)
    as_of = landing.as_of.date()
    tables = landing.tables
    minutes = handle_minutes_by_group(
        tables["ticket_costs"], tables["tickets"], tables["ticket_events"], as_of
    )
    months = tables["ticket_events"].filter(
        pl.col("occurred_at").dt.strftime("%Y-%m").is_between(pl.lit("2025-11"), pl.lit("2026-10"))
    )
    demand = (
        months.filter(pl.col("activity").is_in(["created", "escalated", "reopened"]))
        .group_by("group_name")
        .agg((pl.len() / 365 * 30.4).alias("tickets"))
    )
    forecast = demand.select(
        pl.col("group_name").alias("series"),
        pl.lit(FIRST).alias("day"),
        *(
            pl.col("tickets").alias(name)
            for name in ("forecast", "lo_80", "hi_80", "lo_95", "hi_95")
        ),
    )
    one_day = pl.DataFrame({"day": [FIRST], "working_days": [251 / 12]})
    found = capacity_outlook(
        forecast,
        group_capacity(load_configuration(None), TICKETS),
        minutes,
        _closures(),
        one_day,
        1.0,
    )
    gaps = dict(found.select("group_name", "gap_fte_days").iter_rows())
    # The last half year, in which people have got quicker, makes it a little less than the year.
    assert 8 <= gaps["Tier 2 Specialists"] <= 16
    assert gaps["Tier 1 Support"] < 0
    assert gaps["Engineering"] < 0

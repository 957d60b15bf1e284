"""What the built-in team is there to show, straight from its tables."""

from collections.abc import Mapping

import polars as pl
import pytest

from control_tower.raw.simulator import group_capacity, load_configuration
from tests.raw.simulator.desks import desk, solved

TICKETS = 50_000
WORKING_DAYS_A_MONTH = 251 / 12
HAPPY_PATH = ["created", "assigned", "replied", "solved", "closed"]


@pytest.mark.parametrize("seed", [7, 3])
def test_findings(seed: int) -> None:
    """Happy path, escalations, capacity and satisfaction come out of the queues."""
    landing = desk(TICKETS, seed=seed)
    tickets, events = landing.tables["tickets"], landing.tables["ticket_events"]
    done = solved(landing)

    assert 4.6 < events.height / tickets.height < 6.2
    closed = done.filter(pl.col("status") == "closed")
    paths = closed["activity"].list.join(">")
    assert 0.60 <= _mean(paths == ">".join(HAPPY_PATH)) <= 0.70

    cells = done.group_by("priority", "ticket_type").agg(
        pl.col("cycle_hours").filter("is_escalated").mean().alias("escalated"),
        pl.col("cycle_hours").filter(~pl.col("is_escalated")).mean().alias("others"),
        pl.col("is_escalated").sum().alias("weight"),
    )
    extra = _mean((cells["escalated"] - cells["others"]) * cells["weight"])
    assert 3 <= extra / _mean(cells["weight"]) <= 5

    gaps = _gaps(landing.tables)
    assert 10 <= gaps["Tier 2 Specialists"] <= 15
    assert gaps["Tier 1 Support"] < 0
    assert gaps["Engineering"] < 0

    rated = landing.tables["satisfaction_ratings"].join(done, on="ticket_id")
    order = rated.sort("cycle_hours")["score"]
    quarter = rated.height // 4
    by_quarter = [_mean(order.slice(n * quarter, quarter)) for n in range(4)]
    assert by_quarter == sorted(by_quarter, reverse=True)
    assert _mean(rated.filter("is_reopened")["score"]) < _mean(rated["score"]) - 0.3


def _mean(values: pl.Series) -> float:
    return float(values.cast(pl.Float64).to_numpy().mean())


def _gaps(tables: Mapping[str, pl.DataFrame]) -> dict[str, float]:
    """Return FTE days each group is short of in an average month of the last twelve whole ones."""
    months = tables["tickets"].filter(
        pl.col("created_at").dt.strftime("%Y-%m").is_between(pl.lit("2025-11"), pl.lit("2026-10"))
    )
    worked = tables["ticket_costs"].join(months, on="ticket_id", how="semi")
    minutes = dict(worked.group_by("group_name").agg(pl.col("handle_minutes").sum()).rows())
    gaps = {}
    for group in group_capacity(load_configuration(None), TICKETS).iter_rows(named=True):
        productive = 60 * group["productive_hours_per_day"] * group["target_occupancy"]
        required = minutes[group["group_name"]] / 12 / productive
        gaps[group["group_name"]] = required - (
            group["fte"] * WORKING_DAYS_A_MONTH * (1 - group["shrinkage"])
        )
    return gaps


def test_arrivals_follow_the_calendar() -> None:
    """Weekdays and local hours have the shares they are given; holidays are quiet."""
    landing = desk(TICKETS)
    arrivals = load_configuration(None).arrivals
    local = landing.tables["tickets"].select(
        pl.col("created_at").dt.convert_time_zone("America/New_York").alias("at")
    )["at"]
    weekday = local.dt.weekday().value_counts().sort("at")["count"]
    shares = [share / sum(arrivals.weekdays) for share in arrivals.weekdays]
    for found, expected in zip(weekday / weekday.sum(), shares, strict=True):
        assert found == pytest.approx(expected, abs=0.02)
    hours = local.dt.hour().value_counts().sort("at")["count"]
    hour_shares = [share / sum(arrivals.hours) for share in arrivals.hours]
    for found, expected in zip(hours / hours.sum(), hour_shares, strict=True):
        assert found == pytest.approx(expected, abs=0.015)
    per_day = local.dt.date().value_counts()
    quiet = per_day.filter(pl.col("at").is_in(landing.tables["holidays"]["holiday_date"].implode()))
    workdays = per_day.filter(pl.col("at").dt.weekday() <= 5)
    assert _mean(quiet["count"]) < 0.5 * _mean(workdays["count"])

"""Tickets live by the rules: legal steps, one agent at a time, nothing after the clock."""

from datetime import timedelta

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from control_tower.raw.landing import complete_tables
from tests.raw.simulator.desks import AS_OF, desk, solved

NEXT = {
    "new": {"open", "pending", "hold", "solved"},
    "open": {"open", "pending", "hold", "solved"},
    "pending": {"open"},
    "hold": {"open", "solved", "pending"},
    "solved": {"open", "closed"},
    "closed": set(),
}


def _events() -> pl.DataFrame:
    return desk().tables["ticket_events"]


@pytest.mark.parametrize("tickets", [100, 3_000])
def test_the_contract_is_kept(tickets: int) -> None:
    """Whatever the volume, the landing validates."""
    tables = complete_tables(desk(tickets))
    assert tables["tickets"].height > 0.8 * tickets


def test_status_changes_are_legal() -> None:
    """A ticket is solved before it closes, and nothing follows closing."""
    steps = _events().with_columns(pl.col("status").shift(1).over("ticket_id").alias("before"))
    for before, after in steps.drop_nulls("before").select("before", "status").unique().rows():
        assert after in NEXT[before], (before, after)


def test_events_are_in_order_and_before_the_clock() -> None:
    """Keys order a ticket's events as their times do."""
    events = _events()
    gaps = events.select(pl.col("occurred_at").diff().over("ticket_id").alias("gap"))["gap"]
    assert (gaps.drop_nulls() >= timedelta(0)).all()
    newest = events["occurred_at"].max()
    assert newest is not None
    assert events["occurred_at"].to_list()[0] < AS_OF
    assert events.filter(pl.col("occurred_at") >= AS_OF).is_empty()


def test_tickets_stand_where_their_last_event_left_them() -> None:
    """Status, priority and group of the row are those after the last event."""
    last = _events().group_by("ticket_id", maintain_order=True).last()
    tickets = desk().tables["tickets"]
    same = ["ticket_id", "status", "priority", "group_name"]
    assert_frame_equal(tickets.select(same), last.select(same), check_row_order=False)


def test_closing_follows_four_days_after_the_last_solve() -> None:
    """Automation closes what nobody reopened."""
    closed = desk().tables["tickets"].filter(pl.col("status") == "closed")
    assert closed.height > 2_000
    assert (closed["closed_at"] - closed["solved_at"] == timedelta(days=4)).all()


def test_work_on_the_happy_path_takes_as_long_as_it_costs() -> None:
    """Taken up once and solved: handle minutes are the time between."""
    tables = desk().tables
    moments = (
        tables["ticket_events"]
        .group_by("ticket_id", maintain_order=True)
        .agg(pl.col("activity"), pl.col("occurred_at"))
        .filter(pl.col("activity").list.join(">").is_in(["created>assigned>replied>solved>closed"]))
        .with_columns(
            (pl.col("occurred_at").list.get(3) - pl.col("occurred_at").list.get(1))
            .dt.total_seconds()
            .alias("seconds")
        )
        .join(tables["ticket_costs"], on="ticket_id")
    )
    assert moments.height > 1_000
    assert (moments["handle_minutes"] * 60 - moments["seconds"]).abs().max() == pytest.approx(
        0, abs=0.5
    )


def test_agents_work_on_one_ticket_at_a_time() -> None:
    """From taking a ticket up to letting go of it, an agent begins no other."""
    starts_and_ends = (
        _events()
        .filter(pl.col("agent_id").is_not_null())
        .sort("agent_id", "occurred_at", "event_id")
        .with_columns(
            pl.col("ticket_id").rle_id().over("agent_id").alias("stint"),
        )
    )
    assigned = starts_and_ends.filter(pl.col("activity") == "assigned")
    ends = ["solved", "escalated", "put_on_hold"]
    spans = (
        starts_and_ends.filter(
            pl.col("activity").is_in(ends)
            | ((pl.col("activity") == "replied") & (pl.col("status") == "pending"))
        )
        .join_asof(
            assigned.select("agent_id", "ticket_id", "occurred_at").rename(
                {"occurred_at": "begun_at"}
            ),
            left_on="occurred_at",
            right_on="begun_at",
            by=["agent_id", "ticket_id"],
            check_sortedness=False,
        )
        .drop_nulls("begun_at")
        .unique(["agent_id", "ticket_id", "begun_at"], keep="first", maintain_order=True)
        .sort("agent_id", "begun_at", "occurred_at")
        .with_columns(pl.col("occurred_at").shift(1).over("agent_id").alias("free_since"))
        .drop_nulls("free_since")
    )
    assert spans.height > 1_000
    assert (spans["begun_at"] >= spans["free_since"]).all()


def test_ratings_come_after_a_solve_and_churn_is_known_after_ninety_days() -> None:
    """Nobody rates what is not solved; the last ninety days are too early to know."""
    tables = desk().tables
    first_solve = (
        tables["ticket_events"]
        .filter(pl.col("activity") == "solved")
        .group_by("ticket_id")
        .agg(pl.col("occurred_at").min())
    )
    rated = tables["satisfaction_ratings"].join(first_solve, on="ticket_id", how="left")
    assert (rated["rated_at"] > rated["occurred_at"]).all()
    known = tables["tickets"].filter(pl.col("churned_within_90_days").is_not_null())
    late = solved(desk()).filter(pl.col("solved_at") > AS_OF - timedelta(days=90))
    assert known.join(late, on="ticket_id").is_empty()
    assert known.height > 1_500

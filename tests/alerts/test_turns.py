"""The turns of clocks, on lives of tickets short enough to follow by eye."""

from typing import Any

import polars as pl

from control_tower.alerts.clocks import elapsed_at, numbered_clocks, running_at, stretches_of
from control_tower.alerts.turns import turns_of
from tests.alerts.desk import AS_OF, at, clock, given


def _states(ticket_id: int, *states: tuple[float, str, dict[str, Any]]) -> list[dict[str, Any]]:
    """Return states that begin so many minutes before the tower's clock."""
    return [
        {
            "ticket_id": ticket_id,
            "state_number": number,
            "status": status,
            "priority": facts.get("priority"),
            "group_name": facts.get("group", "Tier 1 Support"),
            "began_at": at(before),
            "is_public_agent_reply": facts.get("reply", False),
        }
        for number, (before, status, facts) in enumerate(states, start=1)
    ]


def _turns(tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    clocks = numbered_clocks(tables["marts.sla"], tables["intermediate.int_sla_targets"])
    stretches = stretches_of(clocks, tables["intermediate.int_sla_clock_readings"])
    return turns_of(
        clocks,
        tables["intermediate.int_ticket_states"],
        stretches,
        tables["staging.stg_open_intervals"],
    )


def test_a_life_is_cut_where_something_happens() -> None:
    """New, taken up, answered, waiting, resumed, handed over; ordinary events cut nothing."""
    states = _states(
        1,
        (100, "new", {"priority": "normal"}),
        (90, "open", {}),
        (85, "open", {}),
        (80, "open", {"reply": True}),
        (70, "pending", {}),
        (40, "open", {}),
        (30, "open", {"group": "Tier 2 Specialists"}),
        (20, "open", {"priority": "urgent", "group": "Tier 2 Specialists"}),
    )
    turns = _turns(given([clock(1, at(100), metric="total_resolution_time")], states))
    assert turns.select("turned_minutes", "stage", "group_name", "priority").rows() == [
        (0.0, "new", "Tier 1 Support", "normal"),
        (10.0, "in_work", "Tier 1 Support", "normal"),
        (20.0, "answered", "Tier 1 Support", "normal"),
        (30.0, "waiting", "Tier 1 Support", "normal"),
        (60.0, "resumed", "Tier 1 Support", "normal"),
        (70.0, "resumed", "Tier 2 Specialists", "normal"),
        (80.0, "resumed", "Tier 2 Specialists", "urgent"),
    ]


def test_a_reopened_ticket_is_solved_and_then_resumed() -> None:
    """Its clock goes on where it stopped."""
    states = _states(1, (100, "new", {}), (80, "solved", {"reply": True}), (10, "open", {}))
    turns = _turns(given([clock(1, at(100), metric="total_resolution_time")], states))
    assert turns["stage"].to_list() == ["new", "solved", "resumed"]


def test_what_came_before_a_clock_is_its_first_turn_and_what_came_after_none() -> None:
    """A next reply's clock starts in the stage the ticket is in, and sees nothing past its end."""
    states = _states(
        1,
        (100, "new", {}),
        (90, "open", {"reply": True}),
        (80, "pending", {}),
        (60, "open", {}),
        (30, "open", {"reply": True}),
        (20, "solved", {"group": "Engineering"}),
    )
    turns = _turns(given([clock(1, at(60), at(30), metric="next_reply_time")], states))
    assert turns.select("turned_minutes", "stage").rows() == [(0.0, "resumed")]


def test_a_groups_hold_is_the_groups() -> None:
    """Whoever holds the ticket later."""
    states = _states(1, (100, "open", {}), (50, "open", {"group": "Engineering"}))
    hold = clock(1, at(100), at(50), metric="group_ownership_time", group_name="Tier 1 Support")
    assert _turns(given([hold], states))["group_name"].to_list() == ["Tier 1 Support"]


def test_a_clock_without_a_state_has_one_turn() -> None:
    """A log may leave out what happened; the clock ran all the same."""
    turns = _turns(given([clock(1, at(100))], []))
    assert turns.select("turned_minutes", "stage", "group_name").rows() == [
        (0.0, "in_work", "Tier 1 Support")
    ]


def test_a_calendar_clock_knows_whether_the_desk_is_open_until_it_is_due() -> None:
    """Open from three hours before now until one before: three targets of an hour each."""
    clocks = [clock(1, at(180)), clock(2, at(90)), clock(3, at(59))]
    tables = given(clocks)
    tables["intermediate.int_sla_targets"] = tables["intermediate.int_sla_targets"].with_columns(
        pl.lit(1, dtype=pl.Int64).alias("schedule_id")
    )
    tables["staging.stg_open_intervals"] = pl.DataFrame(
        {
            "schedule_id": [1],
            "opens_at": [at(180)],
            "closes_at": [at(60)],
            "open_minutes_before": [0.0],
        },
        schema=tables["staging.stg_open_intervals"].schema,
    )
    assert _turns(tables)["due_window"].to_list() == ["open", "partly_open", "closed"]


def test_a_turn_knows_whether_the_desk_is_closed_and_for_how_long() -> None:
    """Friday's last hour, Monday's and Tuesday's, Wednesday's first: a weekend and two nights."""
    hour, day = 60, 24 * 60
    closes = [6 * day, 3 * day, 2 * day, day]
    times = [7 * day, 6 * day - hour, 3 * day + hour / 2, 3 * day - hour, 2 * day - 1, hour]
    states = _states(1, *((before, "new", {"group": str(before)}) for before in times))
    tables = given([clock(1, at(times[0]), metric="total_resolution_time")], states)
    tables["intermediate.int_sla_targets"] = tables["intermediate.int_sla_targets"].with_columns(
        pl.lit(1, dtype=pl.Int64).alias("schedule_id")
    )
    tables["staging.stg_open_intervals"] = pl.DataFrame(
        {
            "schedule_id": [1] * 4,
            "opens_at": [at(before + hour) for before in closes],
            "closes_at": [at(before) for before in closes],
            "open_minutes_before": [0.0, 60.0, 120.0, 180.0],
        },
        schema=tables["staging.stg_open_intervals"].schema,
    )
    turns = _turns(tables)
    assert turns["closure"].to_list() == ["none", "long", "none", "short", "short", "none"]


def test_elapsed_time_counts_stretches_only() -> None:
    """Ran 60 to 50 and from 20 minutes before now on: what it showed at five moments."""
    clocks = pl.DataFrame({"clock": [0]}, schema={"clock": pl.UInt32})
    stretches = pl.DataFrame(
        {
            "clock": [0, 0],
            "clock_schedule_id": [None, None],
            "started_at": [at(60), at(20)],
            "ended_at": [at(50), None],
        },
        schema={
            "clock": pl.UInt32,
            "clock_schedule_id": pl.Int64,
            "started_at": pl.Datetime("us", "UTC"),
            "ended_at": pl.Datetime("us", "UTC"),
        },
    ).with_columns(
        pl.col("started_at").dt.epoch("us").alias("started_reading"),
        pl.coalesce("ended_at", pl.lit(AS_OF)).dt.epoch("us").alias("ended_reading"),
    )
    asked = pl.DataFrame({"moment": [at(m) for m in (70, 55, 40, 20, 15)]}).cast(
        pl.Datetime("us", "UTC")
    )
    moments = asked.join(clocks, how="cross")
    no_hours = given([])["staging.stg_open_intervals"]
    assert elapsed_at(moments, stretches, no_hours).to_list() == [0.0, 5.0, 10.0, 10.0, 15.0]


def test_running_at_moments() -> None:
    """Started before and not stopped by then; no moments, no rows."""
    tables = given([clock(1, at(100), at(50)), clock(2, at(60)), clock(3, at(10))])
    clocks = numbered_clocks(tables["marts.sla"], tables["intermediate.int_sla_targets"])
    moments = pl.Series([at(55), at(50), at(5)], dtype=pl.Datetime("us", "UTC"))
    assert running_at(clocks, moments).rows() == [
        (0, at(55)),
        (1, at(55)),
        (1, at(50)),
        (1, at(5)),
        (2, at(5)),
    ]
    assert running_at(clocks, moments.clear()).is_empty()

"""Worked by hand: Monday at eight is late eight times in ten, Monday at two once."""

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from control_tower.recommendations.rules.move_shifts import move_shifts
from tests.recommendations.frames import PERIOD, frame, target

MONDAYS = [datetime(2026, 3, 9, tzinfo=UTC) + timedelta(weeks=week) for week in range(12)]
NO_INTERVALS = frame("staging.stg_open_intervals", [])
NO_SCHEDULES = frame("staging.stg_schedules", [])


def _targets(late_at: dict[int, int], weeks: int = 12, **other: object) -> pl.DataFrame:
    """Ten tickets in each given hour of each Monday, the first of them late."""
    rows = [
        target(
            week * 1000 + hour * 10 + number,
            monday + timedelta(hours=hour, minutes=number),
            is_met=number >= late,
            **other,
        )
        for week, monday in enumerate(MONDAYS[:weeks])
        for hour, late in late_at.items()
        for number in range(10)
    ]
    return frame("marts.sla", rows)


def _events(done_at: dict[int, int], weeks: int = 12, actor: str = "agent") -> pl.DataFrame:
    rows = [
        {
            "occurred_at": monday + timedelta(hours=hour, minutes=number),
            "group_name": "Alpha",
            "agent_id": 1 + number % 7,
            "actor": actor,
        }
        for monday in MONDAYS[:weeks]
        for hour, done in done_at.items()
        for number in range(done)
    ]
    return frame("staging.stg_ticket_events", rows)


LATE, DONE = {8: 8, 14: 1}, {8: 5, 14: 35}


def test_fires_with_what_can_be_spared() -> None:
    """2 things a ticket; 180 lack at eight and can be spared at two: 90 tickets, 30 a month."""
    (action,) = move_shifts(_targets(LATE), _events(DONE), NO_INTERVALS, NO_SCHEDULES, PERIOD)
    assert action.breaches_avoided == pytest.approx(30 * (0.8 - 0.1))
    assert action.owner_group == "Alpha"
    assert "Move 14 replies' worth of work a week" in action.action
    # Five agents at eight and seven at two, twelve Mondays: 480 things in 144 agent-hours.
    assert "about 4 agent-hours" in action.action
    assert "from Monday 14:00-15:00 to Monday 08:00-09:00 (UTC)" in action.action
    assert "2.00 x 120 - 60 = 180; to spare: 420 - 2.00 x 120 = 180" in action.arithmetic
    assert "30.0 in 30; x (80.0% - 10.0%) = 21.0" in action.arithmetic
    shares = {row.subject: row.value for row in action.rows if row.label == "late share"}
    assert shares == {"Monday 08:00-09:00": 0.8, "Monday 14:00-15:00": 0.1}


def test_hours_are_the_schedules_and_nights_belong_to_the_morning() -> None:
    """Tickets of Sunday night begin when the desk opens at eight, New York, in both seasons."""
    schedules = frame(
        "staging.stg_schedules",
        [{"schedule_id": 1, "time_zone": "America/New_York", "is_default": True}],
    )
    # New York is four hours behind UTC from the eighth of March on.
    opening = frame(
        "staging.stg_open_intervals",
        [
            {
                "schedule_id": 1,
                "opens_at": monday + timedelta(hours=12),
                "closes_at": monday + timedelta(hours=22),
            }
            for monday in MONDAYS
        ],
    )
    night = _targets({2: 8}, is_business_hours=True)
    noon = _targets({18: 1}, is_business_hours=True)
    done = _events({12: 5, 18: 35})
    (action,) = move_shifts(pl.concat([night, noon]), done, opening, schedules, PERIOD)
    assert "from Monday 14:00-15:00 to Monday 08:00-09:00 (America/New_York)" in action.action
    assert action.breaches_avoided == pytest.approx(21)


def test_silent_if_late_tickets_are_spread_evenly() -> None:
    """Three in ten at every hour."""
    even = _targets({8: 3, 14: 3})
    assert move_shifts(even, _events(DONE), NO_INTERVALS, NO_SCHEDULES, PERIOD) == []


def test_silent_if_one_bad_week_made_it() -> None:
    """As many late tickets, but all of them in four weeks of twelve: that is no pattern."""
    bad = _targets({8: 10, 14: 1}).filter(pl.col("started_at") < MONDAYS[4])
    good = _targets({8: 0, 14: 1}).filter(pl.col("started_at") >= MONDAYS[4])
    burst = pl.concat([bad, good])
    assert burst.filter(pl.col("sla_status") == "breached").height == 52
    assert move_shifts(burst, _events(DONE), NO_INTERVALS, NO_SCHEDULES, PERIOD) == []


def test_silent_if_no_hour_has_work_to_spare() -> None:
    """As much is done a ticket at eight as at two."""
    assert (
        move_shifts(_targets(LATE), _events({8: 20, 14: 20}), NO_INTERVALS, NO_SCHEDULES, PERIOD)
        == []
    )


def test_silent_with_few_tickets_or_weeks() -> None:
    """Under thirty tickets an hour; under four weeks."""
    for weeks in (2, 3):
        sla, events = _targets(LATE, weeks), _events(DONE, weeks)
        assert move_shifts(sla, events, NO_INTERVALS, NO_SCHEDULES, PERIOD) == []


def test_silent_if_nothing_is_known() -> None:
    """No targets; no events; a log that does not say who acted."""
    sla, events = _targets(LATE), _events(DONE)
    unknown = _events(DONE).with_columns(actor=pl.lit(None, pl.String))
    assert move_shifts(sla.clear(), events, NO_INTERVALS, NO_SCHEDULES, PERIOD) == []
    assert move_shifts(sla, events.clear(), NO_INTERVALS, NO_SCHEDULES, PERIOD) == []
    assert move_shifts(sla, unknown, NO_INTERVALS, NO_SCHEDULES, PERIOD) == []

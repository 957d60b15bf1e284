"""Opening hours on the UTC time line, held against a minute-by-minute reading of the wall clock."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from control_tower.raw.contract import OpenIntervals
from control_tower.raw.landing import empty_table
from control_tower.raw.opening_hours import open_intervals
from control_tower.raw.validation import ContractError
from tests.conftest import frame
from tests.examples import examples

ZONES = [
    "UTC",
    "America/New_York",
    "Europe/London",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Pacific/Apia",
]


def _schedule(zone: str, hours: list[tuple[int, int, int]]) -> pl.DataFrame:
    return frame(
        "schedules",
        *(
            {
                "schedule_id": 1,
                "schedule_name": "Desk",
                "time_zone": zone,
                "weekday": weekday,
                "opens": opens,
                "closes": closes,
                "is_default": True,
            }
            for weekday, opens, closes in hours
        ),
    )


def _open_minutes_by_the_wall_clock(
    zone: str, hours: list[tuple[int, int, int]], first: date, last: date, closed: set[date]
) -> int:
    """Count the UTC minutes whose local time lies in an opening interval."""
    total = 0
    moment = datetime.combine(first, datetime.min.time(), UTC) - timedelta(days=2)
    end = datetime.combine(last, datetime.min.time(), UTC) + timedelta(days=3)
    while moment < end:
        local = moment.astimezone(ZoneInfo(zone))
        if first <= local.date() <= last and local.date() not in closed:
            minute = local.hour * 60 + local.minute
            total += any(
                local.weekday() == weekday and opens <= minute < closes
                for weekday, opens, closes in hours
            )
        moment += timedelta(minutes=1)
    return total


def _total_minutes(intervals: pl.DataFrame) -> float:
    lengths = intervals.select((pl.col("closes_at") - pl.col("opens_at")).dt.total_seconds() / 60)
    return float(lengths.to_series().sum())


@settings(max_examples=examples(25), deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    first=st.dates(date(2011, 12, 20), date(2026, 12, 31)),
    opens=st.integers(3, 20).map(lambda hour: hour * 60),
    length=st.integers(30, 240),
    holiday=st.integers(0, 9),
)
def test_open_minutes_equal_the_wall_clock(
    zone: str, first: date, opens: int, length: int, holiday: int
) -> None:
    hours = [(weekday, opens, min(opens + length, 1440)) for weekday in range(6)]
    last = first + timedelta(days=9)
    closed = {first + timedelta(days=holiday)}
    holidays = frame("holidays", {"schedule_id": 1, "holiday_date": min(closed)})
    intervals = open_intervals(_schedule(zone, hours), holidays, first_day=first, last_day=last)
    expected = _open_minutes_by_the_wall_clock(zone, hours, first, last, closed)
    assert _total_minutes(intervals) == expected
    assert OpenIntervals.filter(intervals).failure.counts() == {}


@pytest.mark.parametrize("zone", ZONES[:5])
def test_round_the_clock_has_no_gaps_when_the_clocks_change(zone: str) -> None:
    hours = [(weekday, 0, 1440) for weekday in range(7)]
    intervals = open_intervals(
        _schedule(zone, hours),
        empty_table("holidays"),
        first_day=date(2026, 1, 1),
        last_day=date(2026, 12, 31),
    )
    assert intervals["opens_at"][1:].to_list() == intervals["closes_at"][:-1].to_list()


def test_open_minutes_before_is_the_running_total() -> None:
    hours = [(weekday, 540, 720) for weekday in range(5)] + [(0, 780, 1020)]
    intervals = open_intervals(
        _schedule("America/New_York", hours),
        empty_table("holidays"),
        first_day=date(2026, 3, 2),
        last_day=date(2026, 3, 13),
    )
    total = 0.0
    for opens_at, closes_at, before in intervals.select(
        "opens_at", "closes_at", "open_minutes_before"
    ).iter_rows():
        assert before == total
        total += (closes_at - opens_at).total_seconds() / 60
    # New York goes from -05:00 to -04:00 on 8 March 2026.
    assert intervals["opens_at"][0] == datetime(2026, 3, 2, 14, tzinfo=UTC)
    assert intervals["opens_at"][-1] == datetime(2026, 3, 13, 13, tzinfo=UTC)


def test_unknown_zone_is_named() -> None:
    with pytest.raises(ContractError, match=r"'Mars/Olympus'.*not an IANA time zone"):
        open_intervals(
            _schedule("Mars/Olympus", [(0, 540, 1020)]),
            empty_table("holidays"),
            first_day=date(2026, 1, 1),
            last_day=date(2026, 1, 2),
        )


def test_no_schedule_no_hours() -> None:
    none = open_intervals(
        empty_table("schedules"),
        empty_table("holidays"),
        first_day=date(2026, 1, 1),
        last_day=date(2026, 1, 2),
    )
    assert none.is_empty()
    assert none.schema == empty_table("open_intervals").schema

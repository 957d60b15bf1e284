"""Opening hours on days on which the clocks change, held against the clock on the wall."""

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from control_tower.raw.landing import empty_table
from control_tower.raw.opening_hours import open_intervals
from tests.conftest import frame
from tests.examples import examples
from tests.raw.wall_clock import Hours, open_stretches

_CHANGES = {
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
    "Europe/London": (date(2026, 3, 29), date(2026, 10, 25)),
    "Australia/Sydney": (date(2026, 4, 5), date(2026, 10, 4)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "Africa/Casablanca": (date(2026, 2, 15), date(2026, 3, 22)),
    "Antarctica/Troll": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/Nuuk": (date(2026, 3, 28), date(2026, 10, 24)),
    # Where the clocks jump at midnight, one day's end and the next one's start are skipped; where
    # they go back to it, midnight comes twice.
    "America/Santiago": (date(2026, 4, 4), date(2026, 9, 6)),
    "America/Havana": (date(2026, 3, 8), date(2026, 11, 1)),
    "Atlantic/Azores": (date(2026, 3, 29), date(2026, 10, 25)),
    "Africa/Cairo": (date(2026, 4, 24), date(2026, 10, 29)),
    "Asia/Beirut": (date(2026, 3, 29), date(2026, 10, 25)),
    # Samoa left out a whole day.
    "Pacific/Apia": (date(2011, 12, 30), date(2011, 4, 2)),
}
_ROUND_THE_CLOCK = [(weekday, 0, 1440) for weekday in range(7)]


def _laid_out(zone: str, hours: Hours, first: date, last: date) -> pl.DataFrame:
    schedule = {"schedule_id": 1, "schedule_name": "Desk", "time_zone": zone, "is_default": True}
    return open_intervals(
        frame(
            "schedules",
            *(
                {**schedule, "weekday": weekday, "opens": opens, "closes": closes}
                for weekday, opens, closes in hours
            ),
        ),
        empty_table("holidays"),
        first_day=first,
        last_day=last,
    )


@pytest.mark.parametrize("zone", _CHANGES)
def test_round_the_clock_no_minute_is_lost_or_counted_twice(zone: str) -> None:
    for change in _CHANGES[zone]:
        first, last = change - timedelta(days=3), change + timedelta(days=3)
        intervals = _laid_out(zone, _ROUND_THE_CLOCK, first, last)

        assert intervals["opens_at"][1:].to_list() == intervals["closes_at"][:-1].to_list()


@pytest.mark.parametrize(
    ("zone", "day", "opens", "closes", "minutes"),
    [
        # New York jumps from 2 to 3: half past two never comes.
        ("America/New_York", date(2026, 3, 8), 60, 150, 60),
        ("America/New_York", date(2026, 3, 8), 150, 300, 120),
        ("America/New_York", date(2026, 3, 8), 125, 175, 0),
        ("America/New_York", date(2026, 3, 8), 90, 210, 60),
        # Santiago jumps from midnight to 1: an evening shift still ends when the day does.
        ("America/Santiago", date(2026, 9, 5), 1200, 1440, 240),
        ("America/Santiago", date(2026, 9, 6), 0, 120, 60),
        ("America/Santiago", date(2026, 9, 6), 30, 120, 60),
        # Lord Howe jumps half an hour.
        ("Australia/Lord_Howe", date(2026, 10, 4), 135, 300, 150),
        # New York shows one to two twice: open from the first to the second.
        ("America/New_York", date(2026, 11, 1), 60, 120, 120),
        ("America/New_York", date(2026, 11, 1), 90, 300, 270),
        ("America/New_York", date(2026, 11, 1), 0, 90, 150),
    ],
)
def test_hours_at_the_edge_of_a_change(
    zone: str, day: date, opens: int, closes: int, minutes: int
) -> None:
    intervals = _laid_out(zone, [(day.weekday(), opens, closes)], day, day)

    lengths = (intervals["closes_at"] - intervals["opens_at"]).dt.total_minutes()
    assert lengths.sum() == minutes
    assert len(intervals) == (minutes > 0)


@pytest.mark.parametrize("shifts", [((60, 90), (90, 150)), ((0, 100), (110, 300))])
def test_a_desk_does_not_open_again_before_it_has_closed(
    shifts: tuple[tuple[int, int], ...],
) -> None:
    # New York shows one to two twice, and the first shift ends at the second of its two ends.
    day = date(2026, 11, 1)
    intervals = _laid_out("America/New_York", [(6, *shift) for shift in shifts], day, day)

    assert (intervals["opens_at"][1:] >= intervals["closes_at"][:-1]).all()


@settings(max_examples=examples(60), deadline=None)
@given(
    zone=st.sampled_from(sorted(_CHANGES)),
    which=st.integers(0, 1),
    edges=st.lists(st.integers(0, 48), min_size=2, max_size=6, unique=True).map(sorted),
)
def test_hours_are_those_the_wall_shows(zone: str, which: int, edges: list[int]) -> None:
    change = _CHANGES[zone][which]
    shifts = [
        (opens * 30, closes * 30) for opens, closes in zip(edges[::2], edges[1::2], strict=False)
    ]
    hours = [(weekday, *shift) for weekday in range(7) for shift in shifts]
    first, last = change - timedelta(days=1), change + timedelta(days=1)
    intervals = _laid_out(zone, hours, first, last)

    found = list(intervals.select("opens_at", "closes_at").iter_rows())
    assert found == open_stretches(zone, hours, (), first, last)

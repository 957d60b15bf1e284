"""What must hold of any clock: on random schedules and zones, and as time goes by."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import duckdb
import polars as pl
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jinja2 import Environment

from control_tower.raw.contract import polars_schema
from control_tower.raw.opening_hours import open_intervals
from tests.dbt.clock_oracle import MinuteTable
from tests.dbt.conftest import BuiltDesk
from tests.dbt.desk import PROJECT, frame
from tests.dbt.random_desk import Desk
from tests.examples import examples

_FIRST = datetime(2026, 3, 1, tzinfo=UTC)
_DAYS = 50
"""The clocks change in America on 8 March, in Europe on the 29th, down under on 4 and 5 April."""

_ZONES = (
    "America/New_York",
    "America/Santiago",
    "America/St_Johns",
    "Europe/London",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "UTC",
)
_MICROSECOND = timedelta(microseconds=1)


def _reading_sql() -> str:
    """Return the models' own arithmetic, as a query over `moments` and `hours`."""
    source = (PROJECT / "macros" / "clock_reading.sql").read_text(encoding="utf-8")
    macro = Environment().from_string(source).module  # noqa: S701 - this is no HTML
    reading = macro.clock_reading("moments.at", "1", "last_opening")  # type: ignore[attr-defined]
    return f"""
        select {reading}
        from moments asof left join hours as last_opening
            on moments.at >= last_opening.opens_at
        order by moments.place
    """


_READING = _reading_sql()

_weekly_hours = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 1439), st.integers(1, 1440)).filter(
        lambda hours: hours[1] < hours[2]
    ),
    min_size=1,
    max_size=9,
)
_moments = st.lists(
    st.integers(3 * 86_400_000_000, (_DAYS - 3) * 86_400_000_000).map(
        lambda microseconds: _FIRST + timedelta(microseconds=microseconds)
    ),
    min_size=3,
    max_size=12,
)
_holidays = st.sets(st.integers(0, _DAYS).map(lambda day: _FIRST.date() + timedelta(days=day)))


def _schedule(zone: str, weekly: Sequence[tuple[int, int, int]]) -> list[dict[str, object]]:
    """Return the contract's rows of a schedule, overlapping hours made one."""
    rows: list[dict[str, object]] = []
    for weekday in range(7):
        closed_at = -1
        for opens, closes in sorted((o, c) for day, o, c in weekly if day == weekday):
            if rows and rows[-1]["weekday"] == weekday and opens <= closed_at:
                rows[-1]["closes"] = closed_at = max(closed_at, closes)
                continue
            closed_at = closes
            rows.append(
                {
                    "schedule_id": 1,
                    "schedule_name": zone,
                    "time_zone": zone,
                    "weekday": weekday,
                    "opens": opens,
                    "closes": closes,
                    "is_default": True,
                }
            )
    return rows


def _occurs_twice(zone: str, weekday: int, minutes: Sequence[int]) -> bool:
    """Return whether the clocks show one of the minutes of a weekday twice, on any of the days."""
    midnights = [datetime(2026, 3, 1) + timedelta(days=day) for day in range(-1, _DAYS + 2)]  # noqa: DTZ001
    first, second = (
        [
            (midnight + timedelta(minutes=minute)).replace(tzinfo=ZoneInfo(zone), fold=fold)
            for midnight in midnights
            if midnight.weekday() == weekday
            for minute in minutes
        ]
        for fold in (0, 1)
    )
    # Where the clocks jump over a time, it is the other way round.
    return any(
        (one.utcoffset() or timedelta()) > (other.utcoffset() or timedelta())
        for one, other in zip(first, second, strict=True)
    )


def _readings(
    schedule: Sequence[dict[str, object]], holidays: set[date], moments: Sequence[datetime]
) -> list[int]:
    """Return what the models' clocks show at the moments, microseconds."""
    closed = [{"schedule_id": 1, "holiday_date": day} for day in holidays]
    intervals = open_intervals(
        frame("schedules", schedule),
        frame("holidays", closed),
        first_day=_FIRST.date() - timedelta(days=1),
        last_day=_FIRST.date() + timedelta(days=_DAYS + 1),
    )
    asked = pl.DataFrame(
        {"at": moments}, schema={"at": polars_schema("open_intervals")["opens_at"]}
    ).with_row_index("place")
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        connection.register("intervals", intervals.to_arrow())
        connection.register("moments", asked.to_arrow())
        connection.execute(
            "create view hours as select opens_at, closes_at, "
            "cast(round(open_minutes_before * 60000000) as bigint) as open_microseconds_before "
            "from intervals"
        )
        return [int(reading) for (reading,) in connection.execute(_READING).fetchall()]


@settings(max_examples=examples(60), deadline=None)
@given(st.sampled_from(_ZONES), _weekly_hours, _holidays, _moments)
def test_clocks_show_what_the_clock_on_the_wall_says(
    zone: str, weekly: list[tuple[int, int, int]], holidays: set[date], moments: list[datetime]
) -> None:
    """Minute by minute; never backwards, never faster than the calendar, and parts add up."""
    moments = sorted(moments)
    schedule = _schedule(zone, weekly)
    # A desk opens at the first and closes at the second of two: the wall alone cannot tell which.
    assume(not any(_occurs_twice(zone, weekday, edges) for weekday, *edges in weekly))
    wall = MinuteTable(schedule, holidays, _FIRST, _FIRST + timedelta(days=_DAYS))
    shown = _readings(schedule, holidays, moments)
    spent = [after - before for before, after in pairwise(shown)]
    for part, (before, after) in zip(spent, pairwise(moments), strict=True):
        assert part == wall.spent(before, after)
        assert 0 <= part <= (after - before) // _MICROSECOND
    assert sum(spent) == wall.spent(moments[0], moments[-1])


@settings(max_examples=examples(20), deadline=None)
@given(st.sampled_from(_ZONES), _moments)
def test_who_is_always_open_keeps_the_calendar(zone: str, moments: list[datetime]) -> None:
    """Through every change of the clocks."""
    moments = sorted(moments)
    around_the_clock = _schedule(zone, [(weekday, 0, 1440) for weekday in range(7)])
    shown = _readings(around_the_clock, set(), moments)
    assert shown[-1] - shown[0] == (moments[-1] - moments[0]) // _MICROSECOND


def test_nothing_runs_back_as_time_goes_by(
    built_once: Callable[[str, Desk], BuiltDesk], policies_desk: BuiltDesk
) -> None:
    """Hours later, with no event in between, clocks show as much or more, and moments stand."""
    later = built_once(
        "policies-later",
        replace(policies_desk.desk, as_of=policies_desk.desk.as_of + timedelta(hours=31)),
    )
    sql = """
        select ticket_id, metric, instance, elapsed_minutes, clock_state, sla_status, breach_at
        from marts.sla
    """
    before, after = (
        {row[:3]: row[3:] for row in desk.query(sql)} for desk in (policies_desk, later)
    )
    assert before.keys() == after.keys()
    moved = 0
    for key, (elapsed, state, status, breach_at) in before.items():
        elapsed_later, state_later, status_later, breach_at_later = after[key]
        assert state_later == state
        assert elapsed_later >= elapsed
        assert elapsed_later == elapsed or state == "active"
        assert (status, status_later) != ("breached", "within_sla")
        assert breach_at_later == breach_at
        moved += elapsed_later > elapsed
    assert moved > 50

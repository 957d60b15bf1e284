"""Open time so far, against a walk through the openings one by one."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from control_tower.open_time import clock_readings, opening_hours_of

START = datetime(2026, 3, 2, tzinfo=UTC)
SECOND = 1_000_000


def _intervals(openings: Sequence[tuple[int, int, int]]) -> pl.DataFrame:
    """Return openings given as schedule, pause before and length, both in minutes."""
    rows = []
    clock: dict[int, tuple[datetime, float]] = {}
    for schedule, pause, length in openings:
        opens, before = clock.get(schedule, (START, 0.0))
        opens += timedelta(minutes=pause)
        closes = opens + timedelta(minutes=length)
        rows.append((schedule, opens, closes, before))
        clock[schedule] = (closes, before + length)
    return pl.DataFrame(
        rows,
        schema={
            "schedule_id": pl.Int64,
            "opens_at": pl.Datetime("us", "UTC"),
            "closes_at": pl.Datetime("us", "UTC"),
            "open_minutes_before": pl.Float64,
        },
        orient="row",
    )


def _moments(rows: Sequence[tuple[int | None, datetime]]) -> pl.DataFrame:
    return pl.DataFrame(
        rows,
        schema={"schedule_id": pl.Int64, "moment": pl.Datetime("us", "UTC")},
        orient="row",
    )


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 90), st.integers(1, 90)), max_size=12),
    st.lists(st.tuples(st.integers(1, 4), st.integers(-60, 600)), max_size=12),
)
def test_equals_a_walk_through_the_openings(
    openings: list[tuple[int, int, int]], asked: list[tuple[int, int]]
) -> None:
    """Inside, between, before and after them; on a schedule without any."""
    intervals = _intervals(openings)
    rows = [(schedule, START + timedelta(seconds=73 * step)) for schedule, step in asked]
    readings = clock_readings(_moments(rows), intervals).to_list()
    for (schedule, moment), reading in zip(rows, readings, strict=True):
        walked = timedelta(0)
        for row in intervals.filter(pl.col("schedule_id") == schedule).iter_rows(named=True):
            if row["opens_at"] < moment:
                walked += min(moment, row["closes_at"]) - row["opens_at"]
        assert reading == walked // timedelta(microseconds=1)


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 90), st.integers(1, 90)), max_size=12),
    st.lists(st.tuples(st.integers(1, 4), st.integers(-60, 600)), max_size=12),
)
def test_closed_time_is_the_gap_between_two_openings(
    openings: list[tuple[int, int, int]], asked: list[tuple[int, int]]
) -> None:
    """Nothing while open, before the first opening and after the last."""
    intervals = _intervals(openings)
    moments = _moments([(schedule, START + timedelta(minutes=step)) for schedule, step in asked])
    hours = opening_hours_of(intervals)
    closed = hours.closed_time(
        hours.numbers_of(moments["schedule_id"]), moments["moment"].dt.epoch("us").to_numpy()
    )
    for (schedule, moment), length in zip(moments.iter_rows(), closed.tolist(), strict=True):
        own = intervals.filter(pl.col("schedule_id") == schedule).rows(named=True)
        gaps = [
            after["opens_at"] - before["closes_at"]
            for before, after in itertools.pairwise(own)
            if before["closes_at"] <= moment < after["opens_at"]
        ]
        assert timedelta(microseconds=length) == sum(gaps, timedelta(0))


def test_without_a_schedule_time_itself_is_shown() -> None:
    """Microseconds since 1970, whatever the openings."""
    moment = datetime(1970, 1, 1, 0, 0, 2, 5, tzinfo=UTC)
    readings = clock_readings(_moments([(None, moment)]), _intervals([(1, 0, 60)]))
    assert readings.to_list() == [2 * SECOND + 5]


def test_no_moment_has_no_reading() -> None:
    """On a schedule or not, beside moments that have one."""
    intervals = _intervals([(1, 0, 60)])
    asked = _moments([(1, START + timedelta(minutes=5))]).vstack(
        pl.DataFrame({"schedule_id": [1, None], "moment": [None, None]}, schema=_moments([]).schema)
    )
    assert clock_readings(asked, intervals).to_list() == [300 * SECOND, None, None]

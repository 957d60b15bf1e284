"""Working days follow the desk's own week, zone and holidays."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from control_tower.forecasting.working_days import default_schedule, working_days
from control_tower.raw.contract import polars_schema
from control_tower.raw.opening_hours import open_intervals

MONDAY = date(2026, 3, 2)


def _schedule(weekdays: range, zone: str = "America/New_York", opens: int = 480) -> pl.DataFrame:
    rows = [(1, "Office", zone, weekday, opens, 1080, True, None) for weekday in weekdays]
    return pl.DataFrame(rows, schema=polars_schema("schedules"), orient="row")


def _holidays(*days: date) -> pl.DataFrame:
    return pl.DataFrame([(1, day) for day in days], schema=polars_schema("holidays"), orient="row")


def _days(schedule: pl.DataFrame, *holidays: date) -> list[float]:
    opened = open_intervals(
        schedule,
        _holidays(*holidays),
        first_day=MONDAY - timedelta(days=7),
        last_day=MONDAY + timedelta(days=14),
    )
    found = working_days(MONDAY, MONDAY + timedelta(days=6), schedule, opened)
    assert found["day"].to_list() == [MONDAY + timedelta(days=n) for n in range(7)]
    return found["working_days"].to_list()


def test_without_a_schedule_monday_to_friday() -> None:
    """A desk that says nothing works the usual week."""
    nothing = pl.DataFrame(schema=polars_schema("schedules"))
    intervals = pl.DataFrame(schema=polars_schema("open_intervals"))
    found = working_days(MONDAY, MONDAY + timedelta(days=6), nothing, intervals)
    assert found["working_days"].to_list() == [1, 1, 1, 1, 1, 0, 0]


def test_holidays_are_no_working_days() -> None:
    """A weekday on which the desk stays shut is none."""
    assert _days(_schedule(range(5)), date(2026, 3, 4)) == [1, 1, 0, 1, 1, 0, 0]


def test_a_post_works_five_days_of_seven() -> None:
    """A desk open all week shares its posts' five days out over it."""
    assert sum(_days(_schedule(range(7)))) == pytest.approx(5)


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Los_Angeles"])
def test_days_are_those_of_the_desk(zone: str) -> None:
    """A day's hours may lie on another UTC day."""
    assert _days(_schedule(range(5), zone)) == [1, 1, 1, 1, 1, 0, 0]


def test_a_day_that_ends_at_midnight_does_not_open_the_next() -> None:
    """Hours up to midnight belong to the day before it."""
    schedule = _schedule(range(1)).with_columns(
        pl.lit(1440, dtype=pl.Int64).cast(polars_schema("schedules")["closes"]).alias("closes")
    )
    assert _days(schedule) == [1, 0, 0, 0, 0, 0, 0]


def test_the_default_schedule_counts() -> None:
    """Among several schedules the one marked as default is used, else the first."""
    two = pl.concat(
        [
            _schedule(range(5)).with_columns(pl.lit(value=False).alias("is_default")),
            _schedule(range(7)).with_columns(
                pl.lit(2, dtype=pl.Int64).alias("schedule_id"),
            ),
        ]
    )
    assert set(default_schedule(two)["schedule_id"]) == {2}
    unmarked = two.with_columns(pl.lit(value=False).alias("is_default"))
    assert set(default_schedule(unmarked)["schedule_id"]) == {1}
    assert datetime(2026, 3, 2, tzinfo=UTC).date() == MONDAY

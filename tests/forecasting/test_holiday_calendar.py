"""Holidays by law and by the desk's own opening hours."""

from datetime import date

import polars as pl
import pytest

from control_tower.forecasting.holiday_calendar import (
    CLOSED,
    UnknownCountryError,
    desk_holidays,
    marked_days,
    public_holidays,
)
from control_tower.raw.contract import polars_schema
from control_tower.raw.opening_hours import open_intervals


def test_holidays_of_a_part_of_a_country() -> None:
    """Epiphany is kept in Bavaria and not in Berlin."""
    first, last = date(2026, 1, 1), date(2026, 1, 31)
    bavaria = public_holidays("DE", "BY", first, last)
    assert list(bavaria) == [date(2026, 1, 1), date(2026, 1, 6)]
    assert list(public_holidays("DE", "BE", first, last)) == [date(2026, 1, 1)]


def test_both_ends_count_and_nothing_beyond() -> None:
    """A horizon that ends on a holiday knows it."""
    first, last = date(2025, 12, 26), date(2026, 1, 1)
    assert list(public_holidays("US", None, first, last)) == [date(2026, 1, 1)]


def test_an_observed_holiday_carries_its_own_name() -> None:
    """4 July 2026 is a Saturday and kept on the Friday too."""
    found = public_holidays("US", None, date(2026, 7, 1), date(2026, 7, 10))
    assert found == {date(2026, 7, 3): "Independence Day", date(2026, 7, 4): "Independence Day"}


@pytest.mark.parametrize(("country", "part"), [("XX", None), ("DE", "XX"), ("Nowhere", None)])
def test_an_unknown_place_is_named_with_the_remedy(country: str, part: str | None) -> None:
    """The message names both settings."""
    with pytest.raises(UnknownCountryError, match=f"{country}.*HOLIDAYS_COUNTRY"):
        public_holidays(country, part, date(2026, 1, 1), date(2026, 2, 1))


def _desk(hours: list[tuple[int, int, int]], closed: list[date], zone: str) -> dict[date, str]:
    schedules = pl.DataFrame(
        [(1, "Desk", zone, *row, True, None) for row in hours],
        schema=polars_schema("schedules"),
        orient="row",
    )
    holidays = pl.DataFrame(
        [(1, day) for day in closed], schema=polars_schema("holidays"), orient="row"
    )
    intervals = open_intervals(
        schedules, holidays, first_day=date(2026, 3, 2), last_day=date(2026, 4, 30)
    )
    return desk_holidays(schedules, intervals)


@pytest.mark.parametrize(
    "hours",
    [
        [(weekday, 540, 1020) for weekday in range(5)],
        [(weekday, 0, 1440) for weekday in range(7)],
        [(weekday, *span) for weekday in range(7) for span in ((0, 360), (1320, 1440))],
    ],
    ids=["office hours", "round the clock", "nights"],
)
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Los_Angeles", "Pacific/Auckland"])
def test_the_desks_holidays_are_read_back_from_its_hours(
    hours: list[tuple[int, int, int]], zone: str
) -> None:
    """In any zone, across the change of clocks: the local days that were closed."""
    closed = [date(2026, 3, 9), date(2026, 3, 27), date(2026, 4, 6)]
    assert _desk(hours, closed, zone) == dict.fromkeys(closed, CLOSED)


def test_a_desk_without_a_schedule_keeps_no_holidays() -> None:
    """An event log may know no opening hours."""
    schedules = pl.DataFrame(schema=polars_schema("schedules"))
    intervals = pl.DataFrame(schema=polars_schema("open_intervals"))
    assert desk_holidays(schedules, intervals) == {}


def test_a_holiday_after_a_holiday_stays_a_holiday() -> None:
    """Boxing Day is not the day after Christmas."""
    marks = marked_days({date(2026, 12, 25): "Christmas", date(2026, 12, 26): "Boxing Day"})
    assert marks == {
        date(2026, 12, 25): "Christmas",
        date(2026, 12, 26): "Boxing Day",
        date(2026, 12, 27): "Day after Boxing Day",
    }

"""Which days are public holidays: by the law of a country, or by the desk's own calendar."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

__all__ = ["CLOSED", "UnknownCountryError", "desk_holidays", "marked_days", "public_holidays"]

CLOSED: Final = "Closed by the desk's calendar"
"""Name of a holiday of which the desk's schedule says only that it is one."""

_OBSERVED: Final = " (observed)"
_JUST_BEFORE: Final = timedelta(microseconds=1)


class UnknownCountryError(ValueError):
    """No holidays are known for a country, or for a part of it."""


def public_holidays(
    country: str, subdivision: str | None, first: date, last: date
) -> dict[date, str]:
    """Return the public holidays between two days, both included, with their names.

    A holiday observed on another day carries the same name there, so that what is learned of it
    is learned once.

    Args:
        country: ISO 3166 code, such as DE.
        subdivision: Part of the country, such as BY; None for what holds everywhere.
        first: First day.
        last: Last day.

    Raises:
        UnknownCountryError: If the country or its part is not known.
    """
    from holidays import country_holidays  # noqa: PLC0415 - slow to import

    try:
        found = country_holidays(
            country, subdiv=subdivision, years=range(first.year, last.year + 1)
        )
    except NotImplementedError:
        place = country if subdivision is None else f"{country}, {subdivision}"
        raise UnknownCountryError(
            f"no public holidays are known for {place}; set CONTROL_TOWER_HOLIDAYS_COUNTRY to an "
            "ISO 3166 code such as DE, and CONTROL_TOWER_HOLIDAYS_SUBDIVISION to one of its parts "
            "or to nothing"
        ) from None
    return {
        day: name.replace(_OBSERVED, "")
        for day, name in sorted(found.items())
        if first <= day <= last
    }


def desk_holidays(schedules: pl.DataFrame, open_intervals: pl.DataFrame) -> dict[date, str]:
    """Return the local days on which the default schedule would be open, yet is not.

    Args:
        schedules: schedule_id, time_zone, weekday (0 is Monday), is_default.
        open_intervals: schedule_id, opens_at, closes_at.

    Returns:
        As far as opening hours are laid out; nothing without a default schedule.
    """
    default = schedules.filter("is_default")
    if default.is_empty():
        return {}
    schedule_id, zone = default.select("schedule_id", "time_zone").row(0)
    weekdays = set(default["weekday"])
    open_days = set(_open_days(open_intervals.filter(pl.col("schedule_id") == schedule_id), zone))
    if not open_days:
        return {}
    first, days = min(open_days), (max(open_days) - min(open_days)).days
    laid_out = (first + timedelta(days=n) for n in range(days))
    return {day: CLOSED for day in laid_out if day.weekday() in weekdays and day not in open_days}


def _open_days(intervals: pl.DataFrame, zone: str) -> Iterator[date]:
    here = ZoneInfo(zone)
    for opens_at, closes_at in intervals.select("opens_at", "closes_at").iter_rows():
        day = opens_at.astimezone(here).date()
        last = (closes_at - _JUST_BEFORE).astimezone(here).date()
        while day <= last:
            yield day
            day += timedelta(days=1)


def marked_days(holidays: Mapping[date, str]) -> dict[date, str]:
    """Return holidays and the days after them, with the name that what is learned goes by."""
    after = {day + timedelta(days=1): f"Day after {name}" for day, name in holidays.items()}
    return {**after, **holidays}

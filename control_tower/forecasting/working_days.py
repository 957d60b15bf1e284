"""Which days people work: the desk's opening hours, read as days of full-time posts."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import polars as pl

__all__ = ["default_schedule", "working_days"]

_POST_DAYS_A_WEEK = 5
"""A full-time post works five days a week, however many the desk is open."""


def default_schedule(schedules: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of the schedule that holds for tickets without one of their own.

    Args:
        schedules: schedule_id, time_zone, weekday, is_default.

    Returns:
        The default schedule's rows; those of the first schedule if none is marked; none if there
        are none.
    """
    if schedules.is_empty():
        return schedules
    marked = schedules.filter("is_default")
    chosen = (schedules if marked.is_empty() else marked)["schedule_id"].min()
    return schedules.filter(pl.col("schedule_id") == chosen)


def working_days(
    first_day: date,
    last_day: date,
    schedules: pl.DataFrame,
    open_intervals: pl.DataFrame,
) -> pl.DataFrame:
    """Return how much of a working day each day is for a full-time post.

    A day on which the desk opens at some time is a working day, in the schedule's own zone and
    less its holidays. A desk open more than five days a week shares its posts' five days out
    over them. Without a schedule, Monday to Friday are working days and holidays are not known.

    Args:
        first_day, last_day: Days to cover, both included.
        schedules: schedule_id, time_zone, weekday, is_default.
        open_intervals: schedule_id, opens_at, closes_at (UTC).

    Returns:
        day, working_days (0 to 1); one row a day.
    """
    days = [first_day + timedelta(days=n) for n in range((last_day - first_day).days + 1)]
    schedule = default_schedule(schedules)
    if schedule.is_empty():
        posts = [float(day.weekday() < _POST_DAYS_A_WEEK) for day in days]
    else:
        opened = _open_days(first_day, last_day, schedule, open_intervals)
        weekdays = schedule["weekday"].n_unique()
        share = min(1.0, _POST_DAYS_A_WEEK / weekdays)
        posts = [share if day in opened else 0.0 for day in days]
    return pl.DataFrame(
        {"day": days, "working_days": posts}, schema={"day": pl.Date, "working_days": pl.Float64}
    )


def _open_days(
    first_day: date, last_day: date, schedule: pl.DataFrame, open_intervals: pl.DataFrame
) -> set[date]:
    zone = ZoneInfo(schedule["time_zone"][0])
    margin = timedelta(days=2)
    near = open_intervals.filter(
        (pl.col("schedule_id") == schedule["schedule_id"][0])
        & (pl.col("closes_at").dt.date() >= first_day - margin)
        & (pl.col("opens_at").dt.date() <= last_day + margin)
    )
    found: set[date] = set()
    for opens_at, closes_at in near.select("opens_at", "closes_at").iter_rows():
        day = max(opens_at.astimezone(zone).date(), first_day)
        # A desk that closes at midnight has not opened on the day that begins then.
        last = min((closes_at - timedelta(microseconds=1)).astimezone(zone).date(), last_day)
        while day <= last:
            found.add(day)
            day += timedelta(days=1)
    return found

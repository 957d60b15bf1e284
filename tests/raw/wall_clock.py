"""Opening hours read off the clock on the wall, one minute after the other."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

__all__ = ["Hours", "open_stretches"]

Hours = Sequence[tuple[int, int, int]]
"""Weekday, minute of opening, minute of closing."""

_MINUTE = timedelta(minutes=1)


def open_stretches(
    zone: str, hours: Hours, closed: Collection[date], first: date, last: date
) -> list[tuple[datetime, datetime]]:
    """Return from when to when a desk is open, in UTC and in order, days first to last included.

    A desk opens the first time the wall shows its hour and closes the last time. An hour the wall
    never shows, since the clocks jump over it, is the first minute the wall shows after it. Hours
    that come round again before the desk has closed do not open it twice.
    """
    found: list[tuple[datetime, datetime]] = []
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        todays = [(opens, closes) for weekday, opens, closes in hours if weekday == day.weekday()]
        if day in closed or not todays:
            continue
        wall = _wall(zone, day)
        for opens, closes in sorted(todays):
            start, end = _moments(wall, day, opens)[0], _moments(wall, day, closes)[-1]
            start = max(start, found[-1][1]) if found else start
            if start < end:
                found.append((start, end))
    return found


def _wall(zone: str, day: date) -> list[tuple[datetime, datetime]]:
    """Return what the wall shows in the minutes of two days around a day, and when."""
    noon = datetime.combine(day, time(12), UTC)
    keeper = ZoneInfo(zone)
    moments = [noon + minute * _MINUTE for minute in range(-28 * 60, 54 * 60)]
    return [(moment.astimezone(keeper).replace(tzinfo=None), moment) for moment in moments]


def _moments(wall: list[tuple[datetime, datetime]], day: date, minute: int) -> list[datetime]:
    wanted = datetime.combine(day, time()) + minute * _MINUTE
    shown = [moment for face, moment in wall if face == wanted]
    return shown or [next(moment for face, moment in wall if face > wanted)]

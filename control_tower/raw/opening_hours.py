"""Weekly opening hours laid out on the UTC time line, exact in each schedule's own zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from control_tower.raw.contract import polars_schema
from control_tower.raw.validation import ContractError

__all__ = ["open_intervals"]

_SECONDS_PER_MINUTE = 60
_MINUTES_PER_HOUR = 60


def open_intervals(
    schedules: pl.DataFrame, holidays: pl.DataFrame, *, first_day: date, last_day: date
) -> pl.DataFrame:
    """Lay out every schedule's opening hours between two local days, both included.

    Local times become UTC by the zone's own rules, so that a day on which the clocks change has
    the minutes people at the desk really worked: a desk is open whenever the clock on its wall
    shows a time between opening and closing. Where the clocks go back, that may be so twice; where
    they jump over a local time, it is the moment of the jump.

    Args:
        schedules: The contract's `schedules`: weekly hours in minutes of the local day.
        holidays: The contract's `holidays`: local days without hours.
        first_day: First local day to lay out.
        last_day: Last local day to lay out.

    Returns:
        The contract's `open_intervals`: schedule_id, opens_at, closes_at (UTC) and
        open_minutes_before, the open minutes since `first_day`, ordered by schedule and time.

    Raises:
        ContractError: If a schedule's time zone is not an IANA zone.
    """
    closed = set(holidays.select("schedule_id", "holiday_date").iter_rows())
    rows: list[tuple[int, datetime, datetime, float]] = []
    days = [first_day + timedelta(days=n) for n in range((last_day - first_day).days + 1)]
    for (schedule_id,), hours in schedules.sort("schedule_id", "weekday", "opens").group_by(
        "schedule_id", maintain_order=True
    ):
        zone = _zone(hours["time_zone"][0], hours["schedule_name"][0])
        weekly: dict[int, list[tuple[int, int]]] = {}
        for weekday, opens, closes in hours.select("weekday", "opens", "closes").iter_rows():
            weekly.setdefault(weekday, []).append((opens, closes))
        stretches = sorted(
            stretch
            for day in days
            if (schedule_id, day) not in closed
            for opens, closes in weekly.get(day.weekday(), ())
            for stretch in _stretches(day, opens, closes, zone)
        )
        open_minutes = 0.0
        closed_at = datetime.min.replace(tzinfo=UTC)
        for clock_opens_at, closes_at in stretches:
            opens_at = max(clock_opens_at, closed_at)
            if closes_at <= opens_at:
                continue  # the clocks skipped the whole stretch
            closed_at = closes_at
            rows.append((int(str(schedule_id)), opens_at, closes_at, open_minutes))
            open_minutes += (closes_at - opens_at).total_seconds() / _SECONDS_PER_MINUTE
    return pl.DataFrame(rows, schema=polars_schema("open_intervals"), orient="row")


def _zone(name: str, schedule_name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ContractError(
            f"schedules, column time_zone: {name!r} of schedule {schedule_name!r} is not an IANA "
            "time zone; use a name such as Europe/Berlin"
        ) from error


def _stretches(
    day: date, opens: int, closes: int, zone: ZoneInfo
) -> list[tuple[datetime, datetime]]:
    """Return when the wall clock shows a time of that day between two minutes: once, or twice."""
    (opens_at, closes_at), (opens_again, closes_again) = (
        [_moment(day, minute, zone, fold=fold) for minute in (opens, closes)] for fold in (0, 1)
    )
    if (opens_at, closes_at) == (opens_again, closes_again):
        return [(opens_at, closes_at)]
    occurs_twice = (opens_at, opens_again) if opens_at != opens_again else (closes_at, closes_again)
    back_at = _change(*occurs_twice, zone)
    first = (opens_at, min(closes_at, back_at))
    second = (max(opens_again, back_at), closes_again)
    return [(first[0], second[1])] if first[1] == second[0] else [first, second]


def _moment(day: date, minute: int, zone: ZoneInfo, *, fold: int) -> datetime:
    days, minute = divmod(minute, 24 * _MINUTES_PER_HOUR)
    clock = time(minute // _MINUTES_PER_HOUR, minute % _MINUTES_PER_HOUR, fold=fold)
    local = datetime.combine(day + timedelta(days=days), clock)
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None, fold=fold) == local:
        return moment
    before, after = (local.replace(tzinfo=zone, fold=other).astimezone(UTC) for other in (1, 0))
    return _change(before, after, zone)


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return when the clocks of a zone change between two moments."""
    offset_after = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset_after:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)

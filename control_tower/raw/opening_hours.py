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
    the minutes people at the desk really worked. Where the clocks go back and a local time occurs
    twice, the desk opens at the first and closes at the second; where they jump over a local time,
    it is the moment of the jump. A desk does not open again before it has closed.

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
        open_minutes = 0.0
        closed_at = datetime.min.replace(tzinfo=UTC)
        for day in days:
            if (schedule_id, day) in closed:
                continue
            for opens, closes in weekly.get(day.weekday(), ()):
                opens_at = max(_moment(day, opens, zone, fold=0), closed_at)
                closes_at = _moment(day, closes, zone, fold=1)
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


def _moment(day: date, minute: int, zone: ZoneInfo, *, fold: int) -> datetime:
    days, minute = divmod(minute, 24 * _MINUTES_PER_HOUR)
    clock = time(minute // _MINUTES_PER_HOUR, minute % _MINUTES_PER_HOUR, fold=fold)
    local = datetime.combine(day + timedelta(days=days), clock)
    moment = local.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None, fold=fold) == local:
        return moment
    return _jump(local, zone)


def _jump(local: datetime, zone: ZoneInfo) -> datetime:
    """Return when the clocks jumped over a local time they never show."""
    before, after = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))
    offset_after = after.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if middle.astimezone(zone).utcoffset() == offset_after:
            after = middle
        else:
            before = middle
    return after.replace(microsecond=0)

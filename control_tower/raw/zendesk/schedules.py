"""Zendesk's schedules: minutes of a week in their own zone made into hours of weekdays."""

from datetime import date
from typing import Final

import polars as pl

from control_tower.raw.event_log.reading import ROW
from control_tower.raw.event_log.repairs import RepairLog
from control_tower.raw.landing import empty_table
from control_tower.raw.zendesk.files import ZendeskTables, refuse_value
from control_tower.raw.zendesk.time_zones import iana_zone

__all__ = ["holidays", "schedules", "ticket_schedules", "weekly_hours"]

_DAY: Final = 1440
_WEEK: Final = 7 * _DAY
_MOST_HOLIDAYS: Final = 3660


def weekly_hours(start: int, end: int) -> list[tuple[int, int, int]]:
    """Return the hours of an interval of the week, cut at every midnight.

    Args:
        start: Minutes since Sunday 00:00, as Zendesk counts them.
        end: The same; past the end of the week it goes on in the next one.

    Returns:
        Weekday (0 is Monday), opening and closing in minutes of the day, in order.
    """
    hours = []
    while start < end:
        day, minute = divmod(start, _DAY)
        closes = min(_DAY, end - day * _DAY)
        hours.append(((day + 6) % 7, minute, closes))
        start = (day + 1) * _DAY
    return hours


def schedules(tables: ZendeskTables) -> pl.DataFrame:
    """Return the contract's `schedules`; the oldest one is the default, as in Zendesk.

    Raises:
        ZendeskFilesError: If an interval is none or a zone is not known.
    """
    frame = tables.frames["schedule"]
    file = tables.files.get("schedule", "schedule")
    if frame.is_empty():
        return empty_table("schedules")
    oldest = frame.sort("created_at", "id", nulls_last=True)["id"][0]
    rows = []
    for row in frame.iter_rows(named=True):
        start, end = row["start_time"], row["end_time"]
        if not (0 <= start < end <= start + _WEEK and start < _WEEK):
            raise refuse_value(
                file,
                row[ROW],
                "end_time",
                str(end),
                f"does not end an interval of the week that starts at {start}; both are minutes "
                "since Sunday",
            )
        zone = iana_zone(row["time_zone"])
        if zone is None:
            raise refuse_value(
                file,
                row[ROW],
                "time_zone",
                row["time_zone"],
                "is no time zone of Zendesk or IANA; correct it",
            )
        name = row["name"] or f"Schedule {row['id']}"
        rows += [
            (row["id"], name, zone, *hours, row["id"] == oldest, row["updated_at"])
            for hours in weekly_hours(start, end)
        ]
    return pl.DataFrame(rows, schema=empty_table("schedules").schema, orient="row").unique(
        ["schedule_id", "weekday", "opens"], keep="last", maintain_order=True
    )


def holidays(tables: ZendeskTables) -> pl.DataFrame:
    """Return the contract's `holidays`: every day from a holiday's start to its end.

    Raises:
        ZendeskFilesError: If a date cannot be read or a holiday ends before it starts.
    """
    file = tables.files.get("schedule_holiday", "schedule_holiday")
    frame = tables.frames["schedule_holiday"]
    rows: list[tuple[int, date]] = []
    for row in frame.iter_rows(named=True):
        first, last = (_day(file, row, name) for name in ("start_date", "end_date"))
        if not 0 <= (last - first).days < _MOST_HOLIDAYS:
            raise refuse_value(
                file, row[ROW], "end_date", row["end_date"], f"does not follow {first}; correct it"
            )
        days = range(first.toordinal(), last.toordinal() + 1)
        rows += [(row["schedule_id"], date.fromordinal(day)) for day in days]
    return pl.DataFrame(rows, schema=empty_table("holidays").schema, orient="row").unique(
        maintain_order=True
    )


def _day(file: str, row: dict[str, str], name: str) -> date:
    try:
        return date.fromisoformat(row[name][:10])
    except ValueError:
        raise refuse_value(
            file, int(row[ROW]), name, row[name], "is no date; write it as 2026-12-25"
        ) from None


def ticket_schedules(
    tables: ZendeskTables, tickets: pl.DataFrame, known: pl.DataFrame, repairs: RepairLog
) -> pl.DataFrame:
    """Return the contract's `ticket_schedules`, without tickets or schedules nobody knows."""
    frame = tables.frames["ticket_schedule"].rename({"created_at": "effective_from"})
    kept = frame.join(tickets, on="ticket_id", how="semi").join(known, on="schedule_id", how="semi")
    repairs.add(
        "ticket_schedules_without_ticket_or_schedule",
        "refused",
        frame.height - kept.height,
        "Changes of schedule that name a ticket or a schedule nobody knows are left out.",
    )
    return kept.select(empty_table("ticket_schedules").columns).unique(
        ["ticket_id", "effective_from"], keep="last", maintain_order=True
    )

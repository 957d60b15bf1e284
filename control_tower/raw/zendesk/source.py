"""Zendesk's tables in, a landing out, whether they come from files or from Zendesk itself."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl

from control_tower.raw.contract import polars_schema
from control_tower.raw.event_log.repairs import RepairLog
from control_tower.raw.landing import Landing, empty_table
from control_tower.raw.parts import Overlaid, PartedTables
from control_tower.raw.zendesk.errors import ZendeskFilesError
from control_tower.raw.zendesk.export import export_files, read_export
from control_tower.raw.zendesk.files import ZendeskTables, read_tables
from control_tower.raw.zendesk.history import events as events_of
from control_tower.raw.zendesk.own_figures import desk_metric_events, desk_ticket_metrics
from control_tower.raw.zendesk.schedules import holidays, schedules, ticket_schedules
from control_tower.raw.zendesk.targets import sla_applications, sla_policies
from control_tower.raw.zendesk.tickets import agents, group_names, merged, ratings, tickets

__all__ = ["landing_of", "read_zendesk_files"]

_OF_TICKETS: Final[Mapping[str, str | None]] = {
    "tickets": None,
    "ticket_events": None,
    "satisfaction_ratings": "rated_at",
    "ticket_schedules": "effective_from",
    "sla_applications": "applied_at",
    "desk_ticket_metrics": None,
    "desk_metric_events": "occurred_at",
}
"""The tables that tell of tickets, and which moment must not be after the tower's clock."""


def read_zendesk_files(directory: Path, *, as_of: datetime | None = None) -> Landing:
    """Read Zendesk's tables, or its own export, into the tables of the landing contract.

    Args:
        directory: Folder of `<table>.csv` or `<table>.parquet` as Fivetran lands them, or of the
            export's files of JSON lines.
        as_of: The tower's clock (UTC); the newest event if None. What came later is refused.

    Returns:
        Tickets, events, agents, ratings, policies, schedules and the targets Zendesk says it
        applied, with what was left out and why.

    Raises:
        ZendeskFilesError: If a table that is needed is missing, or one cannot be used.
    """
    repairs = RepairLog()
    lines = export_files(directory)
    tables = read_export(lines, repairs) if lines else read_tables(directory, repairs)
    kind = "Zendesk's export" if lines else "Zendesk tables"
    return landing_of(
        [tables],
        repairs,
        source="zendesk_files",
        described_as=f"{kind} in {directory.name}",
        as_of=as_of,
    )


def landing_of(
    parts: Iterable[ZendeskTables],
    repairs: RepairLog,
    *,
    source: str,
    described_as: str,
    as_of: datetime | None,
    folder: Path | None = None,
) -> Landing:
    """Return what Zendesk's tables say in the tables of the landing contract.

    Args:
        parts: The tables, whole or parted by ticket in the order of their keys; each part has the
            tables of the desk itself whole.
        repairs: What was noted while reading them; what is left out is added.
        source: Name of the source.
        described_as: The source in words.
        as_of: The tower's clock (UTC), needed with several parts; the newest event if None. What
            came later is refused.
        folder: Where tables of tickets are kept while the landing is in use, if not in memory.

    Raises:
        ZendeskError: If there is no ticket, or a value cannot be used.
    """
    landed = PartedTables(_OF_TICKETS, folder)
    merges: list[pl.DataFrame] = []
    hashes: list[str] = []
    now = as_of
    for part in parts:
        now = _land_part(part, now, landed, repairs)
        merges.append(merged(part))
        hashes.append(part.content_hash)
        desk = part
    if now is None or not landed.height("ticket_events"):
        raise ZendeskFilesError(
            f"no ticket was created before {now:%Y-%m-%d %H:%M} UTC; give a later --as-of"
        )
    weekly = schedules(desk)
    survivors = pl.concat(merges).unique("ticket_id", keep="last", maintain_order=True)
    made = {
        "agents": agents(desk),
        "sla_policies": sla_policies(desk, landed["sla_applications"], repairs),
        "tickets": landed["tickets"]
        .drop("merged_into_ticket_id")
        .join(survivors, on="ticket_id", how="left", maintain_order="left"),
        "schedules": weekly,
        "holidays": holidays(desk).join(
            weekly.select(pl.col("schedule_id").unique()), on="schedule_id", how="semi"
        ),
    }
    return Landing(
        source=source,
        described_as=f"{described_as} ({landed.height('tickets'):,} tickets)",
        fingerprint="|".join(hashes),
        as_of=now,
        tables=Overlaid({name: _in_contract(name, frame) for name, frame in made.items()}, landed),
        repairs=repairs.frame(),
    )


def _land_part(
    tables: ZendeskTables,
    as_of: datetime | None,
    landed: PartedTables,
    repairs: RepairLog,
) -> datetime:
    """Add what one part says of its tickets, in the contract's columns, and return the clock."""
    if tables.frames["ticket"].is_empty():
        raise ZendeskFilesError(f"{tables.files['ticket']} has no rows; load at least one ticket")
    _refuse_twice(tables)
    everything = events_of(tables, repairs)
    now = as_of or _newest(everything)
    events = _until(everything, now, landed.height("ticket_events"), repairs)
    people = agents(tables)
    groups = group_names(tables, events)
    known = schedules(tables).select(pl.col("schedule_id").unique())
    desk = tickets(tables, events, people, groups, repairs)
    keys = desk.select("ticket_id")

    def keep(name: str, frame: pl.DataFrame) -> None:
        moment = _OF_TICKETS[name]
        kept = frame.filter(pl.col(moment) <= now) if moment else frame
        landed.add(name, _in_contract(name, kept))

    keep("tickets", desk)
    del everything
    keep("ticket_events", _events(events, people, groups))
    del events, desk
    keep("satisfaction_ratings", ratings(tables, keys, repairs))
    keep("ticket_schedules", ticket_schedules(tables, keys, known, repairs))
    keep("sla_applications", sla_applications(tables, keys, repairs))
    keep("desk_ticket_metrics", desk_ticket_metrics(tables, keys))
    keep("desk_metric_events", desk_metric_events(tables, keys, repairs))
    return now


def _refuse_twice(tables: ZendeskTables) -> None:
    for table in ("ticket", "user"):
        keys = tables.frames[table]["id"]
        twice = keys.filter(keys.is_duplicated())
        if twice.len():
            raise ZendeskFilesError(
                f"{tables.files[table]}, column id: {twice[0]} stands there twice; "
                "keep one row for each"
            )


def _newest(events: pl.DataFrame) -> datetime:
    newest = events["occurred_at"].max()
    if not isinstance(newest, datetime):
        raise ZendeskFilesError("there is no event; load at least one ticket")
    return newest


def _until(
    events: pl.DataFrame, as_of: datetime, events_before: int, repairs: RepairLog
) -> pl.DataFrame:
    known = events.filter(pl.col("occurred_at") <= as_of)
    repairs.add(
        "events_after_the_clock",
        "refused",
        events.height - known.height,
        "What happened after the tower's clock is not known yet.",
    )
    return known.with_row_index("event_id", offset=1 + events_before)


def _events(events: pl.DataFrame, people: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """Return the contract's `ticket_events`, comments named by who wrote them for whom."""
    known = people["agent_id"].implode()
    went_to = pl.col("assignee_id").cast(pl.Int64)
    who = pl.when(pl.col("activity") == "assigned").then(went_to).otherwise("user_id")
    is_agent = pl.col("actor") == "agent"
    comment = (
        pl.when(~pl.col("is_public"))
        .then(pl.lit("noted"))
        .when(is_agent)
        .then(pl.lit("replied"))
        .otherwise(pl.lit("customer_replied"))
    )
    return events.join(groups, on="group_id", how="left", maintain_order="left").with_columns(
        activity=pl.when(pl.col("activity") == "comment").then(comment).otherwise("activity"),
        agent_id=pl.when(who.is_in(known)).then(who),
    )


def _in_contract(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    if frame.is_empty():
        return empty_table(table)
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in polars_schema(table).items()
    )

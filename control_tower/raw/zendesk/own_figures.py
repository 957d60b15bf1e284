"""The figures Zendesk worked out itself, kept beside ours so that the two can be compared."""

from typing import Final

import polars as pl

from control_tower.raw.contract import DESK_CLOCKS, DESK_EVENT_TYPES
from control_tower.raw.event_log.repairs import RepairLog
from control_tower.raw.landing import empty_table
from control_tower.raw.zendesk.files import ZendeskTables
from control_tower.raw.zendesk.layout import DURATIONS

__all__ = ["desk_metric_events", "desk_ticket_metrics"]

_COUNTS: Final = ("replies", "reopens")
_GROUP_SLA: Final = {"apply_group_sla": "apply_sla"}


def desk_ticket_metrics(tables: ZendeskTables, tickets: pl.DataFrame) -> pl.DataFrame:
    """Return the contract's `desk_ticket_metrics`: one row a ticket and figure that is there."""
    frame = (
        tables.frames["ticket_metric"]
        .join(tickets, on="ticket_id", how="semi", maintain_order="left")
        .unique("ticket_id", keep="last", maintain_order=True)
    )
    parts = [
        frame.select(
            "ticket_id",
            metric=pl.lit(name),
            calendar_minutes=pl.col(f"{name}_in_minutes_calendar").cast(pl.Float64),
            business_minutes=pl.col(f"{name}_in_minutes_business").cast(pl.Float64),
            occurrences=pl.lit(None, dtype=pl.Int64),
        )
        for name in DURATIONS
    ] + [
        frame.select(
            "ticket_id",
            metric=pl.lit(name),
            calendar_minutes=pl.lit(None, dtype=pl.Float64),
            business_minutes=pl.lit(None, dtype=pl.Float64),
            occurrences=pl.col(name),
        )
        for name in _COUNTS
    ]
    figures = pl.col("calendar_minutes", "business_minutes", "occurrences")
    return (
        pl.concat(parts)
        .with_columns(pl.when(figures >= 0).then(figures).name.keep())
        .filter(pl.any_horizontal(figures.is_not_null()))
    )


def desk_metric_events(
    tables: ZendeskTables, tickets: pl.DataFrame, repairs: RepairLog
) -> pl.DataFrame:
    """Return the contract's `desk_metric_events`, without those Zendesk took back.

    Targets of a group's SLA are applied as others are, and so have the same type.
    """
    frame = tables.frames["ticket_metric_event"]
    is_taken_back = (pl.col("deleted").str.to_lowercase() == "true").fill_null(value=False)
    ours = frame.filter(~is_taken_back).join(
        tickets, on="ticket_id", how="semi", maintain_order="left"
    )
    named = ours.with_columns(event_type=pl.col("type").replace(_GROUP_SLA))
    known = named.filter(
        pl.col("event_type").is_in(DESK_EVENT_TYPES)
        & pl.col("metric").is_in(DESK_CLOCKS)
        & (pl.col("instance_id") >= 0)
    )
    repairs.add(
        "metric_events_not_known",
        "refused",
        named.height - known.height,
        "Events of clocks the tower does not know are left out.",
    )
    is_applied = pl.col("event_type") == "apply_sla"
    hours = pl.col("sla_business_hours").str.to_lowercase() == "true"
    return (
        known.with_columns(
            event_id="id",
            instance="instance_id",
            occurred_at="time",
            policy_id=pl.when(is_applied & (pl.col("sla_policy_id") > 0)).then("sla_policy_id"),
            policy_name=pl.when(is_applied).then("sla_policy_title"),
            target_minutes=pl.when(is_applied & (pl.col("sla_target") > 0)).then("sla_target"),
            is_business_hours=pl.when(is_applied).then(hours),
            calendar_minutes=pl.col("status_calendar").clip(0),
            business_minutes=pl.col("status_business").clip(0),
        )
        .unique("event_id", keep="last", maintain_order=True)
        .sort("ticket_id", "occurred_at", "event_id")
        .select(empty_table("desk_metric_events").columns)
    )

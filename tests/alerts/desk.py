"""A small desk of clocks made by hand: what the room reads, in the shapes the marts have."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

__all__ = ["AS_OF", "at", "clock", "given"]

AS_OF = datetime(2026, 3, 10, 12, tzinfo=UTC)

_SLA: dict[str, pl.DataType | type[pl.DataType]] = {
    "ticket_id": pl.Int64,
    "metric": pl.String,
    "instance": pl.Int64,
    "policy_name": pl.String,
    "priority": pl.String,
    "ticket_type": pl.String,
    "group_name": pl.String,
    "target_minutes": pl.Float64,
    "is_business_hours": pl.Boolean,
    "started_at": pl.Datetime("us", "UTC"),
    "ended_at": pl.Datetime("us", "UTC"),
    "elapsed_minutes": pl.Float64,
    "remaining_minutes": pl.Float64,
    "breach_at": pl.Datetime("us", "UTC"),
    "clock_state": pl.String,
    "sla_status": pl.String,
    "is_decided": pl.Boolean,
}

_STATES: dict[str, pl.DataType | type[pl.DataType]] = {
    "ticket_id": pl.Int64,
    "state_number": pl.Int64,
    "status": pl.String,
    "priority": pl.String,
    "group_name": pl.String,
    "began_at": pl.Datetime("us", "UTC"),
    "is_public_agent_reply": pl.Boolean,
}


def at(minutes: float) -> datetime:
    """Return a moment so many minutes before the tower's clock."""
    return AS_OF - timedelta(minutes=minutes)


def clock(
    ticket_id: int,
    started_at: datetime,
    ended_at: datetime | None = None,
    *,
    target_minutes: float = 60.0,
    metric: str = "first_reply_time",
    clock_state: str | None = None,
    elapsed_minutes: float | None = None,
    **facts: Any,
) -> dict[str, Any]:
    """Return a row of marts.sla for a clock that runs by the calendar and never pauses."""
    elapsed = elapsed_minutes
    if elapsed is None:
        elapsed = ((ended_at or AS_OF) - started_at) / timedelta(minutes=1)
    is_breached = elapsed > target_minutes
    state = clock_state or ("stopped" if ended_at else "active")
    return {
        "ticket_id": ticket_id,
        "metric": metric,
        "instance": 1,
        "policy_name": "Standard",
        "priority": "normal",
        "ticket_type": "question",
        "group_name": "Tier 1 Support",
        "target_minutes": target_minutes,
        "is_business_hours": False,
        "started_at": started_at,
        "ended_at": ended_at,
        "elapsed_minutes": elapsed,
        "remaining_minutes": target_minutes - elapsed,
        "breach_at": started_at + timedelta(minutes=target_minutes)
        if is_breached or state == "active"
        else None,
        "clock_state": state,
        "sla_status": "breached" if is_breached else "within_sla",
        "is_decided": is_breached or state == "stopped",
        **facts,
    }


def given(
    clocks: Sequence[dict[str, Any]], states: Sequence[dict[str, Any]] | None = None
) -> dict[str, pl.DataFrame]:
    """Return what the room reads, for clocks that run by the calendar in one stretch.

    Without states, every ticket is new from its first clock's start until that stops.
    """
    sla = pl.DataFrame(clocks, schema=_SLA)
    readings = sla.select(
        "ticket_id",
        "metric",
        "instance",
        pl.lit(None, dtype=pl.Int64).alias("clock_schedule_id"),
        "started_at",
        "ended_at",
        pl.col("started_at").dt.epoch("us").alias("started_reading"),
        pl.coalesce("ended_at", pl.lit(AS_OF)).dt.epoch("us").alias("ended_reading"),
    )
    made = states
    if made is None:
        made = [
            {
                "ticket_id": row["ticket_id"],
                "state_number": 1,
                "status": "new",
                "priority": row["priority"],
                "group_name": row["group_name"],
                "began_at": row["started_at"],
                "is_public_agent_reply": False,
            }
            for row in clocks
        ]
    return {
        "marts.sla": sla,
        "intermediate.int_sla_targets": sla.select(
            "ticket_id", "metric", "instance", pl.lit(None, dtype=pl.Int64).alias("schedule_id")
        ),
        "intermediate.int_sla_clock_readings": readings,
        "intermediate.int_ticket_states": pl.DataFrame(made, schema=_STATES),
        "staging.stg_open_intervals": pl.DataFrame(
            schema={
                "schedule_id": pl.Int64,
                "opens_at": pl.Datetime("us", "UTC"),
                "closes_at": pl.Datetime("us", "UTC"),
                "open_minutes_before": pl.Float64,
            }
        ),
        "staging.stg_landing": pl.DataFrame({"as_of": [AS_OF]}).cast(pl.Datetime("us", "UTC")),
    }

"""Simulated desks that several tests look at; each is made once a process."""

from datetime import UTC, datetime
from functools import cache

import polars as pl

from control_tower.raw.landing import Landing
from control_tower.raw.simulator import load_configuration, simulate

__all__ = ["AS_OF", "SMALL", "desk", "solved"]

AS_OF = datetime(2026, 11, 24, tzinfo=UTC)
SMALL = 3_000
"""Tickets a year of the desk most tests look at."""


@cache
def desk(tickets: int = SMALL, seed: int = 7, as_of: datetime = AS_OF) -> Landing:
    """Return the built-in team's desk at a volume."""
    return simulate(load_configuration(None), seed=seed, tickets_per_year=tickets, as_of=as_of)


def solved(landing: Landing) -> pl.DataFrame:
    """Return solved tickets that count, with cycle_hours, is_escalated and is_reopened."""
    activities = landing.tables["ticket_events"].group_by("ticket_id").agg(pl.col("activity"))
    return (
        landing.tables["tickets"]
        .filter(
            pl.col("solved_at").is_not_null()
            & ~pl.col("is_deleted")
            & pl.col("merged_into_ticket_id").is_null()
        )
        .join(activities, on="ticket_id")
        .with_columns(
            ((pl.col("solved_at") - pl.col("created_at")).dt.total_seconds() / 3600).alias(
                "cycle_hours"
            ),
            pl.col("activity").list.contains("escalated").alias("is_escalated"),
            pl.col("activity").list.contains("reopened").alias("is_reopened"),
        )
    )

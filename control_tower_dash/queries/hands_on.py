"""Time in a group split into work and waiting, where hands-on time is known."""

import numpy as np
import polars as pl

from control_tower.process_mining.event_log import EventLog, hours_of
from control_tower.process_mining.stays import Stays

__all__ = ["hours_by_group"]

_MINUTES_PER_HOUR = 60


def hours_by_group(log: EventLog, stays: Stays, costs: pl.DataFrame) -> pl.DataFrame:
    """Return the hours tickets spent in each group, worked on and waiting.

    Hours are in opening hours where a ticket keeps them, and exclude those at rest. Of a ticket
    worked on for longer than it was there, as after hours, no time is left to wait.

    Args:
        log: The log.
        stays: Its stays, from `stays_of`.
        costs: ticket_id, group_name, handle_minutes.

    Returns:
        group_name, known_tickets (whose hands-on time is known), working_hours, waiting_hours,
        median_working_hours, median_waiting_hours (per ticket, of those); no row for groups
        without.
    """
    time = stays.time
    if stays.business_time is not None:
        time = np.where(stays.is_on_schedule, stays.business_time, stays.time)
    names = log.groups.rename("group_name").cast(pl.String)
    held = np.flatnonzero(stays.group >= 0)
    visited = (
        pl.DataFrame(
            {
                "ticket_id": log.tickets["ticket_id"].gather(stays.ticket[held]),
                "group_name": names.gather(stays.group[held]),
                "hours": hours_of(time[held]),
            },
            schema_overrides={"group_name": pl.String},
        )
        .group_by("ticket_id", "group_name")
        .agg(pl.col("hours").sum())
        .join(costs.drop_nulls("handle_minutes"), on=("ticket_id", "group_name"), how="inner")
        .with_columns(working=pl.col("handle_minutes") / _MINUTES_PER_HOUR)
        .with_columns(waiting=pl.col("hours") - pl.col("working"))
    )
    return (
        visited.group_by("group_name")
        .agg(
            pl.len().cast(pl.Int64).alias("known_tickets"),
            pl.col("working").sum().alias("working_hours"),
            pl.col("waiting").sum().clip(0).alias("waiting_hours"),
            pl.col("working").median().alias("median_working_hours"),
            pl.col("waiting").clip(0).median().alias("median_waiting_hours"),
        )
        .sort("group_name")
    )

"""Variants: the distinct ways tickets take through the desk, and how each way goes."""

from collections.abc import Sequence

import numpy as np
import polars as pl

from control_tower.process_mining.event_log import EventLog
from control_tower.process_mining.paths import Paths

__all__ = ["variants"]


def variants(log: EventLog, paths: Paths, by: Sequence[str] = ()) -> pl.DataFrame:
    """Return the variants of a log, one row a distinct sequence of activities.

    Args:
        log: The log.
        paths: Its distinct ways, from `paths_of`.
        by: Dimensions to count apart by; see `EventLog.sliced_by`.

    Returns:
        The dimensions, variant_id (numbered over the whole log, 1 the most frequent), activities,
        path, tickets, share, cumulative_share, median_cycle_hours and breach_rate (shares of one,
        null where no ticket is solved or has a target).
    """
    log = log.sliced_by(by)
    found = (
        pl.DataFrame(
            {
                "slice": log.slices.of_ticket,
                "variant_id": paths.of_ticket + 1,
                "cycle_hours": log.tickets["cycle_hours"],
                "is_breached": log.tickets["is_breached"],
            }
        )
        .group_by("slice", "variant_id")
        .agg(
            pl.len().cast(pl.Int64).alias("tickets"),
            pl.col("cycle_hours").median().alias("median_cycle_hours"),
            pl.col("is_breached").mean().alias("breach_rate"),
        )
        .sort("slice", "tickets", "variant_id", descending=[False, True, False])
    )
    of_slice = pl.col("tickets").sum().over("slice")
    table = found.join(_described(log, paths), on="variant_id", how="left", maintain_order="left")
    return log.slices.named(
        table.select(
            "slice",
            "variant_id",
            "activities",
            "path",
            "tickets",
            (pl.col("tickets") / of_slice).alias("share"),
            (pl.col("tickets").cum_sum().over("slice") / of_slice).alias("cumulative_share"),
            "median_cycle_hours",
            "breach_rate",
        )
    )


def _described(log: EventLog, paths: Paths) -> pl.DataFrame:
    numbers = np.repeat(np.arange(1, len(paths.tickets) + 1), paths.lengths)
    names = log.activities.cast(pl.String).gather(paths.activity)
    return (
        pl.DataFrame({"variant_id": numbers, "activities": names})
        .group_by("variant_id", maintain_order=True)
        .agg("activities")
        .with_columns(paths.text.alias("path"))
    )

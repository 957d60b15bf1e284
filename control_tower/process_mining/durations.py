"""Counts, means and percentiles of many durations at once."""

from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from control_tower.process_mining.event_log import Integers, hours_of

__all__ = ["HOURS", "hours_by_key"]

HOURS: Final = ("mean_hours", "median_hours", "p90_hours")

_P90: Final = 0.9


def hours_by_key(
    keys: npt.NDArray[np.int64], microseconds: Integers, prefix: str = ""
) -> pl.DataFrame:
    """Return, by key, how many durations there are and their mean, median and 90th percentile.

    Percentiles between two durations are interpolated linearly, as DuckDB's `quantile_cont` and
    NumPy do.

    Args:
        keys: Key of each duration.
        microseconds: The durations.
        prefix: Put before the names of the columns.

    Returns:
        key, count, and `mean_hours`, `median_hours` and `p90_hours`, these with the prefix, in
        order of the key.
    """
    hours = pl.col("hours")
    return (
        pl.DataFrame({"key": keys, "hours": hours_of(microseconds)})
        .group_by("key")
        .agg(
            pl.len().cast(pl.Int64).alias("count"),
            hours.mean().alias(f"{prefix}mean_hours"),
            hours.median().alias(f"{prefix}median_hours"),
            hours.quantile(_P90, interpolation="linear").alias(f"{prefix}p90_hours"),
        )
        .sort("key")
    )

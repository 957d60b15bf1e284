"""Counts, means and percentiles of many durations at once."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from control_tower.process_mining.event_log import Integers, hours_of
from control_tower.process_mining.gathering import are_dense, gathered

__all__ = ["HOURS", "Numbered", "hours_by_key", "numbered"]

HOURS: Final = ("mean_hours", "median_hours", "p90_hours")

_SIGNED_BITS: Final = 63
_FEW_KEYS: Final = 4096
"""So few that going through them one by one costs less than sorting everything."""
_PERCENTS: Final = (50, 90)


@dataclass(frozen=True)
class Numbered:
    """Keys as numbers from 0 up.

    Attributes:
        distinct: The distinct keys, in order.
        places: Place of each key among them.
    """

    distinct: Integers
    places: Integers

    def count(self, which: npt.NDArray[np.bool_] | None = None) -> Integers:
        """Return how often each distinct key occurs, or occurs among those chosen."""
        size = len(self.distinct)
        # As weights, flags need no copy of the places they leave; such sums are exact to 2 ** 53.
        return np.bincount(self.places, weights=which, minlength=size).astype(np.int64)

    def total(self, values: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
        """Return the sum of values by distinct key."""
        size = len(self.distinct)
        return np.bincount(self.places, weights=values, minlength=size).astype(np.float64)


def numbered(keys: Integers) -> Numbered:
    """Return keys as numbers from 0 up."""
    highest = int(keys.max(initial=0))
    if not are_dense(highest, len(keys)):
        return Numbered(*np.unique(keys, return_inverse=True))
    # Keys are dense enough to be looked up in a table, which takes no sorting.
    distinct = np.flatnonzero(np.bincount(keys))
    table = np.zeros(highest + 1, dtype=np.int64)
    table[distinct] = np.arange(len(distinct))
    return Numbered(distinct, table[keys])


def hours_by_key(keys: Numbered, microseconds: Integers, prefix: str = "") -> pl.DataFrame:
    """Return, by key, how many durations there are and their mean, median and 90th percentile.

    Percentiles between two durations are interpolated linearly, as DuckDB's `quantile_cont` and
    NumPy do.

    Args:
        keys: Key of each duration.
        microseconds: The durations, none of them negative.
        prefix: Put before the names of the columns of hours.

    Returns:
        key, count, and `mean_hours`, `median_hours` and `p90_hours`, these with the prefix, in
        order of the key.
    """
    counts = keys.count()
    starts = np.cumsum(counts) - counts
    if len(counts) <= _FEW_KEYS:
        ordered = _parted_by_key(keys, microseconds)
    else:
        ordered = _in_order_by_key(keys.places, microseconds)
    return pl.DataFrame(
        {
            "key": keys.distinct,
            "count": counts,
            f"{prefix}mean_hours": hours_of(keys.total(microseconds)) / counts,
            f"{prefix}median_hours": _percentile(ordered, starts, counts, _PERCENTS[0]),
            f"{prefix}p90_hours": _percentile(ordered, starts, counts, _PERCENTS[1]),
        },
        schema_overrides={"key": pl.Int64, "count": pl.Int64},
    )


def _parted_by_key(keys: Numbered, microseconds: Integers) -> Integers:
    """Return the durations, key by key, each key's as far in order as its percentiles need."""
    found = gathered(keys.places, len(keys.distinct), microseconds)
    for begin, end in pairwise(found.starts.tolist()):
        last = end - begin - 1
        below = {last * percent // 100 for percent in _PERCENTS}
        found.values[begin:end].partition(sorted(below | {min(k + 1, last) for k in below}))
    return found.values


def _in_order_by_key(places: Integers, microseconds: Integers) -> Integers:
    """Return the durations, key by key, each key's in order."""
    bits = int(microseconds.max(initial=0)).bit_length()
    if int(places.max(initial=0)).bit_length() + bits > _SIGNED_BITS:
        return microseconds[np.lexsort((microseconds, places))]
    # Key and duration fit into one number; sorting these is several times faster.
    packed = places << bits
    packed |= microseconds
    packed.sort()
    packed &= (1 << bits) - 1
    return packed


def _percentile(ordered: Integers, starts: Integers, counts: Integers, percent: int) -> pl.Series:
    # In whole numbers, so that a percentile that is one of the durations is exactly that one.
    below, beyond = np.divmod((counts - 1) * percent, 100)
    lower = ordered[starts + below]
    upper = ordered[starts + np.minimum(below + 1, counts - 1)]
    return pl.Series(hours_of(lower + (upper - lower) * (beyond / 100)))

"""Small desks made by hand or by chance, as `marts.daily_ops` has them."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl

__all__ = ["FIRST_DAY", "daily_ops", "poisson_desk"]

FIRST_DAY = date(2025, 1, 6)
"""A Monday."""

_SCHEMA = {
    "day": pl.Date,
    "group_name": pl.String,
    "is_complete": pl.Boolean,
    "created": pl.Int64,
    "reopened": pl.Int64,
    "received": pl.Int64,
    "solved": pl.Int64,
    "handed_over": pl.Int64,
    "backlog": pl.Int64,
}


def daily_ops(
    flows: Mapping[str, Mapping[str, Sequence[int]]], *, first: date = FIRST_DAY
) -> pl.DataFrame:
    """Return flows by group; those not given are zero. The day after the last is under way."""
    rows = []
    for group, given in flows.items():
        days = max(len(counts) for counts in given.values())
        for n in range(days + 1):
            row: dict[str, object] = {
                "day": first + timedelta(days=n),
                "group_name": group,
                "is_complete": n < days,
            }
            for flow in list(_SCHEMA)[3:]:
                counts = given.get(flow, ())
                row[flow] = counts[n] if n < len(counts) else 0
            rows.append(row)
    return pl.DataFrame(rows, schema=_SCHEMA)


def poisson_desk(days: int, *, seed: int = 3) -> pl.DataFrame:
    """Return two groups tickets are created in, and a third that others pass tickets on to."""
    generator = np.random.default_rng(seed)
    week = np.resize([50.0, 48.0, 45.0, 45.0, 40.0, 8.0, 4.0], days)
    return daily_ops(
        {
            "Berlin": {
                "created": generator.poisson(week).tolist(),
                "reopened": generator.poisson(week / 20).tolist(),
            },
            "Madrid": {"created": generator.poisson(week / 2).tolist()},
            "Specialists": {"received": generator.poisson(week / 5).tolist()},
        }
    )

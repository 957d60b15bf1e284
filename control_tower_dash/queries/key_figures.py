"""Figures on cards: those of a period beside the one before and what is usual."""

from collections.abc import Mapping, Sequence

import polars as pl

from control_tower_dash.filters import Period

__all__ = ["beside", "by_period"]


def beside(metrics: Sequence[str], **figures: Mapping[str, float | None]) -> pl.DataFrame:
    """Return metric and a column for each set of figures; null where a set lacks the metric."""
    return pl.DataFrame(
        {
            "metric": metrics,
            **{name: [known.get(metric) for metric in metrics] for name, known in figures.items()},
        },
        schema_overrides=dict.fromkeys(figures, pl.Float64),
    )


def by_period(expression: str, moment: str, periods: Sequence[Period]) -> str:
    """Return SQL of a list with an aggregate of each period, so that one pass answers for all.

    Args:
        expression: The aggregate.
        moment: The column whose time must lie in the period.
        periods: How many lists of two bounds, begins and ends, are to be bound, in this order.
    """
    each = f"{expression} filter (where {moment} >= ? and {moment} < ?)"
    return f"[{', '.join([each] * len(periods))}]"

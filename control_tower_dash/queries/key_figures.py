"""Figures on cards: those of a period beside the one before and what is usual."""

from collections.abc import Mapping, Sequence

import polars as pl

__all__ = ["beside"]


def beside(metrics: Sequence[str], **figures: Mapping[str, float | None]) -> pl.DataFrame:
    """Return metric and a column for each set of figures; null where a set lacks the metric."""
    return pl.DataFrame(
        {
            "metric": metrics,
            **{name: [known.get(metric) for metric in metrics] for name, known in figures.items()},
        },
        schema_overrides=dict.fromkeys(figures, pl.Float64),
    )

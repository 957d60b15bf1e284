"""A few telling figures of a landed table, for whoever looks at its materialization."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import polars as pl

__all__ = ["telling_figures"]

Figures = dict[str, int | float | str]

_FINISHED = ("solved", "closed")
_MINUTES_PER_HOUR = 60


def telling_figures(table: str, rows: pl.LazyFrame) -> Figures:
    """Return named figures of a raw or reference table; none for an empty one.

    Times come as ISO 8601 text.

    Args:
        table: The table's name.
        rows: The table; of one in a file only the columns that figures are of are read.
    """
    figures = _FIGURES.get(table)
    if figures is None or rows.head(1).collect().is_empty():
        return {}
    return figures(rows)


def _tickets(rows: pl.LazyFrame) -> Figures:
    found = _row(
        rows,
        open_tickets=(~pl.col("status").is_in(_FINISHED)).sum(),
        first_created_at=pl.col("created_at").min(),
        newest_created_at=pl.col("created_at").max(),
        groups=pl.col("group_name").n_unique(),
    )
    moments = ("first_created_at", "newest_created_at")
    return {**found, **{name: _text(found[name]) for name in moments}}


def _ticket_events(rows: pl.LazyFrame) -> Figures:
    # One column at a time: together they need the memory of all.
    (activities,) = _row(rows, activities=pl.col("activity").n_unique()).values()
    (newest,) = _row(rows, newest=pl.col("occurred_at").max()).values()
    (mean,) = _row(rows, mean=pl.len() / pl.col("ticket_id").n_unique()).values()
    return {
        "activities": activities,
        "newest_event_at": _text(newest),
        "events_per_ticket": round(mean, 2),
    }


def _agents(rows: pl.LazyFrame) -> Figures:
    return _row(rows, groups=pl.col("group_name").n_unique(), fte=pl.col("fte").sum().round(1))


def _ticket_costs(rows: pl.LazyFrame) -> Figures:
    return _row(
        rows,
        handle_hours=(pl.col("handle_minutes").sum() / _MINUTES_PER_HOUR).round(1),
        cost_usd=pl.col("cost_usd").sum().round(2),
    )


def _satisfaction_ratings(rows: pl.LazyFrame) -> Figures:
    return _row(rows, csat_mean=pl.col("score").mean().round(3))


def _sla_policies(rows: pl.LazyFrame) -> Figures:
    return _row(rows, policies=pl.col("policy_id").n_unique(), metrics=pl.col("metric").n_unique())


def _landing(rows: pl.LazyFrame) -> Figures:
    found = _row(rows, described_as=pl.col("described_as"), as_of=pl.col("as_of"))
    return {**found, "as_of": _text(found["as_of"])}


def _repairs(rows: pl.LazyFrame) -> Figures:
    return _row(
        rows,
        **{
            f"{treatment}_rows": pl.col("rows").filter(pl.col("treatment") == treatment).sum()
            for treatment in ("repaired", "refused", "noted")
        },
    )


def _row(rows: pl.LazyFrame, **figures: pl.Expr) -> dict[str, Any]:
    return rows.select(**figures).collect().row(0, named=True)


def _text(moment: object) -> str:
    return moment.isoformat() if isinstance(moment, datetime) else "not known"


_FIGURES: Mapping[str, Callable[[pl.LazyFrame], Figures]] = {
    "tickets": _tickets,
    "ticket_events": _ticket_events,
    "agents": _agents,
    "ticket_costs": _ticket_costs,
    "satisfaction_ratings": _satisfaction_ratings,
    "sla_policies": _sla_policies,
    "landing": _landing,
    "repairs": _repairs,
}

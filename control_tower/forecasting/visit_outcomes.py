"""How visits end and how long they take, by group and kind of ticket, as they did of late."""

from datetime import datetime, timedelta
from typing import Final

import polars as pl

__all__ = ["RECENT_DAYS", "SLA_METRICS", "durations", "routes"]

SLA_METRICS: Final = ("requester_wait_time", "agent_work_time", "total_resolution_time")
"""Metrics of how long a ticket takes; the first the desk has targets for is foretold."""

RECENT_DAYS: Final = 182
_SETTLED_AFTER: Final = timedelta(days=5)
_QUANTILES: Final = 20
_FEWEST_VISITS: Final = 30
_SHRUNK_BY: Final = 20


def routes(seen: pl.DataFrame, sla: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Return how visits end, by group and kind of ticket.

    A kind is a priority and a target, so that ticket types with targets of their own are told
    apart. Kinds seldom seen lean on all tickets of their group: as many of these as twenty visits
    are mixed in.

    Args:
        seen: Visits, as by `visits`.
        sla: ticket_id, metric, target_minutes, is_business_hours.
        as_of: The tower's clock.

    Returns:
        The columns of `ProfileRoutes`.
    """
    present = set(sla["metric"].unique())
    metric = next((name for name in SLA_METRICS if name in present), SLA_METRICS[0])
    targets = (
        sla.filter(pl.col("metric") == metric)
        .unique("ticket_id")
        .select("ticket_id", "target_minutes", "is_business_hours")
    )
    kind = ["priority", "target_minutes", "is_business_hours"]
    ended = (
        _recent(seen, as_of)
        .join(targets, on="ticket_id", how="left")
        .with_columns(
            pl.col("target_minutes").fill_null(0.0),
            pl.col("is_business_hours").fill_null(value=False),
            pl.col("to_group").fill_null(""),
        )
    )
    own = ["group_name", *kind, "is_returning"]
    common = ["group_name", "is_returning"]
    end = ["outcome", "to_group"]
    by_kind = ended.group_by(own).agg(
        pl.len().alias("of"),
        pl.col("minutes").mean().alias("own_minutes"),
    )
    by_group = ended.group_by(common).agg(
        pl.len().alias("of_all"), pl.col("minutes").mean().alias("all_minutes")
    )
    all_ends = ended.group_by(*common, *end).len("all_ends")
    own_ends = ended.group_by(*own, *end).len("own_ends")
    mixed = pl.col("of") + _SHRUNK_BY
    like = pl.col("all_ends") / pl.col("of_all")
    return (
        by_kind.join(by_group, on=common)
        .join(all_ends, on=common)
        .join(own_ends, on=[*own, *end], how="left")
        .with_columns(
            pl.lit(metric).alias("metric"),
            pl.col("of").cast(pl.Float64).alias("visits"),
            ((pl.col("own_ends").fill_null(0) + _SHRUNK_BY * like) / mixed).alias(
                "share_of_visits"
            ),
            (
                (
                    pl.col("of") * pl.col("own_minutes").fill_null(pl.col("all_minutes"))
                    + _SHRUNK_BY * pl.col("all_minutes")
                )
                / mixed
            )
            .fill_null(0.0)
            .alias("mean_minutes"),
        )
        .sort(*own, *end)
    )


def _recent(seen: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Return visits of the last half year that ended long enough ago to know what came of them."""
    since = as_of - timedelta(days=RECENT_DAYS)
    return seen.filter(pl.col("ended_at").is_between(since, as_of - _SETTLED_AFTER))


def durations(seen: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Return twenty equally likely values of each duration.

    Args:
        seen: Visits, as by `visits`.
        as_of: The tower's clock.

    Returns:
        The columns of `ProfileSpreads`.
    """
    ended = _recent(seen, as_of).with_columns(
        (pl.col("outcome") == "handed_over").alias("is_handed_over")
    )
    by = ["group_name", "is_returning", "is_handed_over"]
    enough = pl.len().over(by) >= _FEWEST_VISITS
    work = (
        ended.drop_nulls("minutes")
        .filter(enough)
        .group_by(by)
        .agg(_values("minutes"))
        .with_columns(pl.lit("work").alias("quantity"))
    )
    away = (
        ended.drop_nulls("away_minutes")
        .group_by(pl.col("outcome").alias("quantity"))
        .agg(_values("away_minutes"))
        .with_columns(
            pl.lit("").alias("group_name"),
            pl.lit(value=False).alias("is_returning"),
            pl.lit(value=False).alias("is_handed_over"),
        )
    )
    both = pl.concat([work, away.select(work.columns)])
    return (
        both.explode("minutes")
        .with_columns(pl.int_range(pl.len()).over("quantity", *by).alias("place"))
        .sort("quantity", *by, "place")
    )


def _values(of: str) -> pl.Expr:
    """Return the middles of twenty equally likely parts, each the mean of its part."""
    part = ((pl.int_range(pl.len()) * _QUANTILES) // pl.len()).clip(upper_bound=_QUANTILES - 1)
    ordered = pl.col(of).sort()
    means = [
        ordered.filter(part == n).mean().fill_null(strategy="forward") for n in range(_QUANTILES)
    ]
    return pl.concat_list([mean.fill_null(ordered.median()) for mean in means]).alias("minutes")

"""Bottlenecks: the groups where many tickets spend long and miss their targets."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from control_tower.process_mining.event_log import EventLog, hours_of
from control_tower.process_mining.stays import Stays

__all__ = ["UNASSIGNED", "bottlenecks"]

UNASSIGNED: Final = "Unassigned"
_FULL_SCORE: Final = 100
_MINUTES_PER_HOUR: Final = 60
_PER_GROUP: Final = ("slice", "group")


def bottlenecks(
    log: EventLog,
    stays: Stays,
    costs: pl.DataFrame | None = None,
    by: Sequence[str] = (),
) -> pl.DataFrame:
    """Return how much each group holds tickets up, one row a group.

    Args:
        log: The log.
        stays: Its stays, from `stays_of`.
        costs: ticket_id, group_name, handle_minutes: hands-on time, where the source knows it.
        by: Dimensions to count apart by, but for `group_name`; see `EventLog.sliced_by`.

    Returns:
        The dimensions, group_name, tickets (that the group held), visits (times a ticket came to
        it), median_hours_in_group and median_business_hours_in_group (per ticket, all visits,
        while there was work to do), total_hours_in_group, median_hours_at_rest (solved and waiting
        to be closed: administrative, part of no other figure), working_share and waiting_share (of
        the time in the group, in opening hours where the tickets keep them; null where hands-on
        time is not known), breach_rate (of its tickets with a target), bottleneck_score (0 to 100)
        and rank. Tickets nobody holds are shown as `Unassigned`, without score and rank. Empty if
        the log has no groups.

    Raises:
        ValueError: If asked to count by the group that holds the ticket now, since the rows are
            groups already.
    """
    if "group_name" in by:
        raise ValueError(
            "bottlenecks have one row a group; count them by priority, ticket_type or month"
        )
    log = log.sliced_by(by)
    per_group = (
        _per_ticket_and_group(log, stays, costs)
        .group_by(_PER_GROUP)
        .agg(
            pl.len().cast(pl.Int64).alias("tickets"),
            pl.col("visits").sum(),
            pl.col("hours").median().alias("median_hours_in_group"),
            pl.col("business_hours").median().alias("median_business_hours_in_group"),
            pl.col("hours").sum().alias("total_hours_in_group"),
            pl.col("rest_hours")
            .filter(pl.col("rest_hours") > 0)
            .median()
            .alias("median_hours_at_rest"),
            _working_share().alias("working_share"),
            pl.col("is_breached").mean().alias("breach_rate"),
        )
    )
    names = pl.concat([pl.Series("group_name", [UNASSIGNED]), log.groups.rename("group_name")])
    if log.groups.is_empty():
        per_group = per_group.clear()
    return log.slices.named(
        _scored(per_group)
        .with_columns(names.gather(per_group["group"] + 1).alias("group_name"))
        .select(
            "slice",
            "group_name",
            "tickets",
            "visits",
            "median_hours_in_group",
            "median_business_hours_in_group",
            "total_hours_in_group",
            "median_hours_at_rest",
            "working_share",
            (1 - pl.col("working_share")).alias("waiting_share"),
            "breach_rate",
            "bottleneck_score",
            "rank",
        )
        .sort("slice", "rank", "group_name", nulls_last=True)
    )


def _per_ticket_and_group(log: EventLog, stays: Stays, costs: pl.DataFrame | None) -> pl.DataFrame:
    key = stays.ticket * (len(log.groups) + 1) + stays.group + 1
    # Stays are in order of ticket already, which this sort makes use of.
    order = np.argsort(key, kind="stable")
    begins = np.flatnonzero(np.diff(key[order], prepend=-1))
    visited = stays.summed(order, begins)
    business = visited.business_time
    per_group = pl.DataFrame(
        {
            "ticket": visited.ticket,
            "group": visited.group,
            "visits": np.diff(begins, append=len(order)),
            "hours": hours_of(visited.time),
            "rest_hours": hours_of(visited.rest),
        },
        schema_overrides={"visits": pl.Int64},
    ).with_columns(
        pl.when(pl.Series(visited.is_on_schedule))
        .then(pl.lit(None) if business is None else pl.Series(hours_of(business)))
        .cast(pl.Float64)
        .alias("business_hours")
    )
    places = per_group["ticket"]
    described = per_group.with_columns(
        pl.Series("slice", log.slices.of_ticket).gather(places).alias("slice"),
        log.tickets["is_breached"].gather(places),
        log.tickets["ticket_id"].gather(places),
    )
    if costs is None:
        return described.with_columns(pl.lit(None, dtype=pl.Float64).alias("handle_minutes"))
    return described.join(
        _handle_minutes(log, costs), on=("ticket_id", "group"), how="left", maintain_order="left"
    )


def _handle_minutes(log: EventLog, costs: pl.DataFrame) -> pl.DataFrame:
    codes = log.groups.to_frame("group_name").with_columns(
        pl.Series("group", np.arange(len(log.groups)), dtype=pl.Int64)
    )
    return costs.join(codes, on="group_name", how="inner").select(
        "ticket_id", "group", "handle_minutes"
    )


def _working_share() -> pl.Expr:
    """Work over time in the group, of tickets whose work is known; at most all of it."""
    is_known = pl.col("handle_minutes").is_not_null()
    time = pl.coalesce("business_hours", "hours").filter(is_known).sum()
    work = pl.col("handle_minutes").sum() / _MINUTES_PER_HOUR
    return pl.when(time > 0).then((work / time).clip(0, 1))


def _scored(per_group: pl.DataFrame) -> pl.DataFrame:
    factors = ("median_hours_in_group", "tickets", "breach_rate")
    is_ranked = pl.col("group") >= 0
    score = pl.lit(float(_FULL_SCORE))
    for factor in factors:
        largest = pl.col(factor).filter(is_ranked).max().over("slice")
        score *= pl.when(largest > 0).then(pl.col(factor) / largest).otherwise(0.0)
    scored = per_group.with_columns(
        pl.when(is_ranked & pl.col("breach_rate").is_not_null())
        .then(score)
        .alias("bottleneck_score")
    )
    rank = pl.col("bottleneck_score").rank("min", descending=True).over("slice")
    return scored.with_columns(rank.cast(pl.Int64).alias("rank"))

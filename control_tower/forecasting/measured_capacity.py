"""What a desk's own history says of its capacity: minutes a ticket takes, closures at full work.

Measured where it can be, and said to be unknown where it cannot.
"""

from datetime import date
from typing import Final

import polars as pl

from control_tower.forecasting.neighbours import neighbour

__all__ = [
    "FEWEST_TICKETS",
    "RECENT_DAYS",
    "error_correlation",
    "handle_minutes_by_group",
    "saturated_closures",
]

_SETTLED: Final = ("solved", "closed")
RECENT_DAYS: Final = 182
FEWEST_TICKETS: Final = 30
_FEWEST_SATURATED_DAYS: Final = 10
_PLENTY: Final = 10
_WINDOW_DAYS: Final = 28
_WEEKS_LOOKED_BACK: Final = 8
_FEWEST_WINDOWS: Final = 6


def handle_minutes_by_group(
    ticket_costs: pl.DataFrame,
    tickets: pl.DataFrame,
    ticket_events: pl.DataFrame,
    as_of: date,
) -> pl.DataFrame:
    """Return the mean minutes of work a ticket takes each group, each time it comes to it.

    The minutes booked by a group, over the times its tickets came to it: created there, passed on
    to it, reopened there - what the forecast counts. Of tickets created in the last half year that
    are done with, since the work of the others is not known yet; of all that are done with where
    those are fewer than 30.

    Args:
        ticket_costs: ticket_id, group_name, handle_minutes.
        tickets: ticket_id, created_at, status.
        ticket_events: event_id, ticket_id, occurred_at, status, group_name.
        as_of: The tower's day.

    Returns:
        group_name, handle_minutes, tickets (how many were measured); one row a group.
    """
    recent = pl.col("created_at").dt.date() >= pl.lit(as_of) - pl.duration(days=RECENT_DAYS)
    worked = (
        ticket_costs.join(tickets.filter(pl.col("status").is_in(_SETTLED)), on="ticket_id")
        .join(_times_come(ticket_events), on=["ticket_id", "group_name"], how="left")
        .with_columns(recent.alias("is_recent"), pl.col("times").fill_null(1))
    )
    minutes, times = pl.col("handle_minutes"), pl.col("times")
    by_group = worked.group_by("group_name").agg(
        (minutes.sum() / times.sum()).alias("mean_of_all"),
        pl.len().alias("all"),
        (minutes.filter("is_recent").sum() / times.filter("is_recent").sum()).alias(
            "mean_of_recent"
        ),
        pl.col("is_recent").sum().alias("recent"),
    )
    is_enough = pl.col("recent") >= FEWEST_TICKETS
    return by_group.select(
        "group_name",
        pl.when(is_enough).then("mean_of_recent").otherwise("mean_of_all").alias("handle_minutes"),
        pl.when(is_enough).then("recent").otherwise("all").cast(pl.Int64).alias("tickets"),
    ).sort("group_name")


def _times_come(ticket_events: pl.DataFrame) -> pl.DataFrame:
    """Return how often each ticket was created in, passed on to or reopened in each group."""
    is_settled = pl.col("status").is_in(_SETTLED)
    was_settled = neighbour("status", 1).is_in(_SETTLED)
    group_before = neighbour("group_name", 1)
    comes = (
        was_settled.is_null()
        | (was_settled & ~is_settled)
        | (~was_settled & (pl.col("group_name") != group_before))
    )
    return (
        ticket_events.sort("ticket_id", "occurred_at", "event_id")
        .filter(comes)
        .group_by("ticket_id", "group_name")
        .agg(pl.len().cast(pl.Int64).alias("times"))
    )


def saturated_closures(daily_ops: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Return how many tickets each group gets done on a working day when it has enough to do.

    On a day that begins and ends with at least a day's work waiting nobody is idle for want of
    tickets, so what is closed (solved or handed on) is what the people there can do. Of groups
    with fewer than ten such days nothing is said: they may be able to do more than was asked.

    Args:
        daily_ops: group_name, day, solved, handed_over, backlog, is_complete.
        days: day, working_days, as by `working_days`.

    Returns:
        group_name, closures_per_day (null if not known), saturated_days; one row a group.
    """
    closures = pl.col("solved") + pl.col("handed_over")
    busiest = pl.col("closures").filter(pl.col("working_days") > 0).quantile(0.9).over("group_name")
    by_day = (
        daily_ops.filter("is_complete")
        .sort("group_name", "day")
        .join(days, on="day")
        .with_columns(
            closures.alias("closures"),
            pl.col("backlog").shift(1).over("group_name", order_by="day").alias("backlog_before"),
        )
        .with_columns(
            (
                (pl.col("working_days") > 0)
                & (
                    pl.min_horizontal("backlog", "backlog_before")
                    >= pl.max_horizontal(busiest, pl.lit(_PLENTY))
                )
                & pl.col("backlog_before").is_not_null()
            ).alias("is_saturated")
        )
    )
    return (
        by_day.group_by("group_name")
        .agg(
            pl.col("closures").filter("is_saturated").mean().alias("closures_per_day"),
            pl.col("is_saturated").sum().cast(pl.Int64).alias("saturated_days"),
        )
        .with_columns(
            pl.when(pl.col("saturated_days") >= _FEWEST_SATURATED_DAYS).then("closures_per_day")
        )
        .sort("group_name")
    )


def error_correlation(daily: pl.DataFrame) -> float:
    """Return how strongly the errors of a forecast's days go together, 0 to 1.

    Measured on history: each run of 28 days is forecast by the mean of the eight same weekdays
    before it, errors are scaled by the square root of the forecast plus one, and the mean product
    of two days' errors is put over their mean square, all groups pooled. With fewer than six such
    runs the answer is 1: the days' errors are added up as if all went the same way, which gives
    the widest interval.

    Args:
        daily: group_name, day, tickets; one row a group and day, without gaps.
    """
    if daily.is_empty():
        return 1.0
    last = daily["day"].max()
    history = _WEEKS_LOOKED_BACK * 7
    windows = (
        daily.sort("group_name", "day")
        .with_columns(
            ((pl.lit(last) - pl.col("day")).dt.total_days() // _WINDOW_DAYS).alias("window"),
            ((pl.lit(last) - pl.col("day")).dt.total_days() % _WINDOW_DAYS).alias("place"),
            pl.col("day").dt.weekday().alias("weekday"),
        )
        .with_columns(
            # The four same weekdays of the window itself are not known when it is forecast.
            pl.concat_list(
                [
                    pl.col("tickets").shift(7 * back).over("group_name", order_by="day")
                    for back in range(1, _WEEKS_LOOKED_BACK + _WINDOW_DAYS // 7)
                ]
            ).alias("before"),
            ((_WINDOW_DAYS - 1 - pl.col("place")) // 7).alias("weeks_in"),
        )
        .with_columns(
            pl.col("before").list.slice(pl.col("weeks_in"), _WEEKS_LOOKED_BACK).alias("before")
        )
        .filter(
            pl.col("before").list.len() == _WEEKS_LOOKED_BACK,
            pl.col("before").list.eval(pl.element().is_null()).list.any().not_(),
        )
        .with_columns(pl.col("before").list.mean().alias("forecast"))
        .with_columns(
            ((pl.col("tickets") - pl.col("forecast")) / (pl.col("forecast") + 1).sqrt()).alias("z")
        )
        .group_by("group_name", "window")
        .agg(
            pl.len().alias("days"),
            (pl.col("z").sum().pow(2) - pl.col("z").pow(2).sum()).alias("products"),
            pl.col("z").pow(2).sum().alias("squares"),
        )
        .filter(pl.col("days") == _WINDOW_DAYS)
    )
    if windows["window"].n_unique() < _FEWEST_WINDOWS or history <= 0:
        return 1.0
    squares = float(windows["squares"].sum())
    if squares == 0:
        return 1.0
    pairs = _WINDOW_DAYS - 1
    return min(1.0, max(0.0, float(windows["products"].sum()) / (pairs * squares)))

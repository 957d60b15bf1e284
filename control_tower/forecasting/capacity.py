"""People needed against people there, from the forecast and what a ticket takes.

The arithmetic of workload planning where answers may take hours (Cleveland, "Call Center
Management on Fast Forward", chapter 7): work expected, over the work a full-time post can do at
the occupancy aimed for, less the posts there will be.
"""

from datetime import date
from typing import Final

import polars as pl

from control_tower.forecasting.neighbours import neighbour

__all__ = [
    "FORECAST_COLUMNS",
    "GROUP_CAPACITY_COLUMNS",
    "capacity_gap",
    "capacity_outlook",
    "error_correlation",
    "handle_minutes_by_group",
    "saturated_closures",
]

FORECAST_COLUMNS: Final = ("series", "day", "forecast", "lo_80", "hi_80", "lo_95", "hi_95")
GROUP_CAPACITY_COLUMNS: Final = (
    "group_name",
    "fte",
    "productive_hours_per_day",
    "shrinkage",
    "target_occupancy",
)

_SETTLED: Final = ("solved", "closed")
_RECENT_DAYS: Final = 182
_FEWEST_TICKETS: Final = 30
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
    recent = pl.col("created_at").dt.date() >= pl.lit(as_of) - pl.duration(days=_RECENT_DAYS)
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
    is_enough = pl.col("recent") >= _FEWEST_TICKETS
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


def capacity_gap(
    forecast: pl.DataFrame,
    group_capacity: pl.DataFrame,
    handle_minutes: pl.DataFrame,
    closures: pl.DataFrame,
    days: pl.DataFrame,
    correlation: float,
) -> pl.DataFrame:
    """Return required and available days of full-time posts, and the gap, by group and month.

    Required is forecast tickets x handle minutes / (60 x productive hours x target occupancy);
    available is posts x working days x (1 - shrinkage). Where handle minutes are not known they
    are the minutes a closure takes on a saturated day; where the group's posts are not known
    either, the gap is in tickets only.

    Args:
        forecast: series (the group), day, forecast, lo_80, hi_80, lo_95, hi_95.
        group_capacity: group_name, fte, productive_hours_per_day, shrinkage, target_occupancy.
        handle_minutes: group_name, handle_minutes.
        closures: group_name, closures_per_day.
        days: day, working_days.
        correlation: How strongly errors of two days go together, 0 to 1.

    Returns:
        The columns of `CapacityGap`; one row a group and calendar month the forecast touches.
    """
    by_month = _summed(
        forecast.with_columns(pl.col("day").dt.truncate("1mo").alias("month")),
        days,
        correlation,
        ["month"],
    )
    return _weighed(by_month, group_capacity, handle_minutes, closures, ["month"])


def capacity_outlook(
    forecast: pl.DataFrame,
    group_capacity: pl.DataFrame,
    handle_minutes: pl.DataFrame,
    closures: pl.DataFrame,
    days: pl.DataFrame,
    correlation: float,
) -> pl.DataFrame:
    """Return the same as `capacity_gap` over all days of the forecast together, by group.

    Returns:
        The columns of `CapacityOutlook`; one row a group.
    """
    whole = _summed(forecast, days, correlation, [])
    return _weighed(whole, group_capacity, handle_minutes, closures, [])


def _summed(
    forecast: pl.DataFrame, days: pl.DataFrame, correlation: float, by: list[str]
) -> pl.DataFrame:
    """Add up days; a sum's interval lies between errors that cancel out and errors that do not."""

    def half_width(of: pl.Expr) -> pl.Expr:
        alone, together = of.pow(2).sum(), of.sum().pow(2)
        return ((1 - correlation) * alone + correlation * together).sqrt()

    expected = pl.col("forecast")
    return (
        forecast.rename({"series": "group_name"})
        .join(days, on="day", how="left")
        .group_by("group_name", *by)
        .agg(
            pl.col("day").min().alias("first_day"),
            pl.col("day").max().alias("last_day"),
            pl.col("working_days").sum(),
            expected.sum().alias("forecast_tickets"),
            *(
                half_width(expected - pl.col(f"lo_{level}")).alias(f"below_{level}")
                for level in (80, 95)
            ),
            *(
                half_width(pl.col(f"hi_{level}") - expected).alias(f"above_{level}")
                for level in (80, 95)
            ),
        )
    )


def _weighed(
    expected: pl.DataFrame,
    group_capacity: pl.DataFrame,
    handle_minutes: pl.DataFrame,
    closures: pl.DataFrame,
    by: list[str],
) -> pl.DataFrame:
    post_minutes = 60 * pl.col("productive_hours_per_day")
    presence = pl.col("fte") * (1 - pl.col("shrinkage"))
    is_measured = pl.col("handle_minutes").is_not_null()
    has_posts = pl.col("fte").is_not_null()
    minutes_a_closure = presence * post_minutes / pl.col("closures_per_day")
    tickets_a_day = post_minutes * pl.col("target_occupancy") / pl.col("handle_minutes")
    required = pl.col("forecast_tickets") / pl.col("tickets_a_day")

    def gap(tickets: pl.Expr) -> pl.Expr:
        bounded = pl.max_horizontal(tickets, pl.lit(0.0))
        return bounded / pl.col("tickets_a_day") - pl.col("available_fte_days")

    return (
        expected.join(group_capacity.select(GROUP_CAPACITY_COLUMNS), on="group_name", how="left")
        .join(handle_minutes.select("group_name", "handle_minutes"), on="group_name", how="left")
        .join(closures.select("group_name", "closures_per_day"), on="group_name", how="left")
        .with_columns(
            pl.when(has_posts & is_measured)
            .then(pl.lit("handle minutes"))
            .when(pl.col("closures_per_day").is_not_null())
            .then(pl.lit("closures"))
            .otherwise(pl.lit("unknown"))
            .alias("basis"),
            pl.coalesce("handle_minutes", minutes_a_closure).alias("handle_minutes"),
        )
        .with_columns(
            tickets_a_day.alias("tickets_a_day"),
            (presence * pl.col("working_days")).alias("available_fte_days"),
        )
        .with_columns(
            required.alias("required_fte_days"),
            gap(pl.col("forecast_tickets")).alias("gap_fte_days"),
            *(
                gap(pl.col("forecast_tickets") + sign * pl.col(f"{side}_{level}")).alias(
                    f"{end}_{level}"
                )
                for level in (80, 95)
                for end, sign, side in (("lo", -1, "below"), ("hi", 1, "above"))
            ),
            pl.coalesce(
                pl.col("available_fte_days") * pl.col("tickets_a_day"),
                pl.col("closures_per_day") * pl.col("working_days"),
            ).alias("capacity_tickets"),
        )
        .with_columns(
            (pl.col("forecast_tickets") - pl.col("capacity_tickets")).alias("gap_tickets")
        )
        .select(
            "group_name",
            *by,
            "first_day",
            "last_day",
            "working_days",
            "forecast_tickets",
            "handle_minutes",
            "required_fte_days",
            "available_fte_days",
            "gap_fte_days",
            "lo_80",
            "hi_80",
            "lo_95",
            "hi_95",
            "capacity_tickets",
            "gap_tickets",
            "basis",
        )
        .sort("group_name", *by)
    )

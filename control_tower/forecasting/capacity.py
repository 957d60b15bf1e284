"""People needed against people there, from the forecast and what a ticket takes.

The arithmetic of workload planning where answers may take hours (Cleveland, "Call Center
Management on Fast Forward", chapter 7): work expected, over the work a full-time post can do at
the occupancy aimed for, less the posts there will be.
"""

from typing import Final

import polars as pl

__all__ = [
    "FORECAST_COLUMNS",
    "GROUP_CAPACITY_COLUMNS",
    "capacity_gap",
    "capacity_outlook",
]

FORECAST_COLUMNS: Final = ("series", "day", "forecast", "lo_80", "hi_80", "lo_95", "hi_95")
GROUP_CAPACITY_COLUMNS: Final = (
    "group_name",
    "fte",
    "productive_hours_per_day",
    "shrinkage",
    "target_occupancy",
)


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

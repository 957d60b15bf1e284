"""Who is there by the hour of the day, read from who did what when."""

from datetime import datetime, timedelta
from typing import Final

import polars as pl

__all__ = ["STAFFING_DAYS", "staffed_shares"]

STAFFING_DAYS: Final = 91
_SELDOM_BEFORE: Final = 0.1
_SELDOM_AFTER: Final = 0.95
_LEAST_PRESENT: Final = 0.05


def staffed_shares(
    groups: pl.DataFrame,
    ticket_events: pl.DataFrame,
    days: pl.DataFrame,
    zone: str,
    as_of: datetime,
) -> pl.DataFrame:
    """Return which part of each hour of the day a post at work has for tickets.

    Nobody's roster is known, so an agent is taken to be there from the time before which the day's
    first event seldom lies to the time after which the last ticket is seldom taken up (the tenth
    and the ninety-fifth percentile), and to be at rest in the longest stretch between two tickets.
    A group's hours together are its productive hours a day.

    Args:
        groups: group_name, productive_hours_per_day.
        ticket_events: event_id, ticket_id, occurred_at, group_name, agent_id.
        days: day, working_days.
        zone: The desk's time zone.
        as_of: The tower's clock.

    Returns:
        group_name, local_hour, staffed_share (0 to 1).
    """
    local = pl.col("occurred_at").dt.convert_time_zone(zone)
    hour = local.dt.hour() + local.dt.minute() / 60
    worked = (
        ticket_events.filter(
            pl.col("agent_id").is_not_null()
            & (pl.col("occurred_at") >= as_of - timedelta(days=STAFFING_DAYS))
        )
        .with_columns(local.dt.date().alias("day"), hour.alias("hour"))
        .join(days.filter(pl.col("working_days") > 0).select("day"), on="day", how="semi")
        .sort("agent_id", "occurred_at", "event_id")
    )
    home = worked.group_by("agent_id").agg(pl.col("group_name").mode().sort().first())
    own_day = ["agent_id", "day"]
    is_between = pl.col("ticket_id") != pl.col("ticket_id").shift(1).over(own_day)
    rest = pl.when(is_between).then(pl.col("hour") - pl.col("hour").shift(1).over(own_day))
    # Whoever has begun a ticket may finish it after hours; nobody takes another.
    is_taken = pl.col("is_taken")
    by_day = (
        worked.with_columns(is_between.fill_null(value=True).alias("is_taken"))
        .with_columns(rest.fill_null(0.0).alias("rest"))
        .group_by(own_day)
        .agg(
            pl.col("hour").min().alias("from"),
            pl.col("hour").filter(is_taken).max().alias("to"),
            pl.col("hour").get(pl.col("rest").arg_max()).alias("rest_ends"),
            pl.col("rest").max(),
        )
        .join(home, on="agent_id")
        .join(groups.select("group_name", "productive_hours_per_day"), on="group_name")
        .with_columns(
            pl.col("from").quantile(_SELDOM_BEFORE).over("agent_id"),
            pl.col("to").quantile(_SELDOM_AFTER).over("agent_id"),
        )
    )
    # Only as much rest as there must be: people also wait for tickets.
    due = pl.col("to") - pl.col("from") - pl.col("productive_hours_per_day")
    expected = pl.col("rest").mean().over("agent_id")
    part = (due.clip(lower_bound=0) / expected).clip(upper_bound=1).fill_nan(0.0)
    hours = pl.DataFrame({"local_hour": range(24)}, schema={"local_hour": pl.Int64})
    present = _overlap("from", "to") - part * _overlap("rest_starts", "rest_ends")
    shape = (
        by_day.with_columns((pl.col("rest_ends") - pl.col("rest")).alias("rest_starts"))
        .join(hours, how="cross")
        .group_by("group_name", "local_hour")
        .agg(present.sum().alias("present"))
    )
    # A late ticket now and then is no shift.
    peak = pl.col("present").max().over("group_name")
    shape = shape.with_columns(
        pl.when(pl.col("present") >= _LEAST_PRESENT * peak).then("present").otherwise(0.0)
    )
    total = pl.col("present").sum().over("group_name")
    share = pl.col("present") / total * pl.col("productive_hours_per_day")
    return (
        groups.join(shape, on="group_name")
        .with_columns(share.clip(0, 1).fill_nan(0.0).alias("staffed_share"))
        .select("group_name", "local_hour", "staffed_share")
    )


def _overlap(since: str, until: str) -> pl.Expr:
    """Return which part of an hour lies between two times of the day."""
    hour = pl.col("local_hour")
    return (pl.min_horizontal(until, hour + 1) - pl.max_horizontal(since, hour)).clip(lower_bound=0)

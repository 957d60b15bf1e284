"""When work begins and when it is answered, by local hour of the week."""

import polars as pl

__all__ = ["WEEKDAYS", "answers_by_hour", "default_zone", "starts_by_hour"]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CELL = ("group_name", "weekday", "hour")


def default_zone(schedules: pl.DataFrame) -> str:
    """Return the zone of the desk's default schedule, or UTC if it has none."""
    zones = schedules.filter("is_default")["time_zone"].drop_nulls()
    return str(zones[0]) if zones.len() else "UTC"


def _local_cell(moment: str, zone: str) -> list[pl.Expr]:
    local = pl.col(moment).dt.convert_time_zone(zone)
    # Weekdays count from 0 for Monday, as schedules do.
    return [
        (local.dt.weekday() - 1).cast(pl.Int64).alias("weekday"),
        local.dt.hour().cast(pl.Int64).alias("hour"),
    ]


def starts_by_hour(
    sla: pl.DataFrame, open_intervals: pl.DataFrame, schedules: pl.DataFrame
) -> pl.DataFrame:
    """Return how many tickets' first clocks began to run in each hour, and how many were late.

    A clock in opening hours begins to run when the desk next opens. A ticket is late if any of its
    decided targets was missed.

    Args:
        sla: Decided targets; columns ticket_id, group_name, started_at, is_business_hours,
            sla_status.
        open_intervals: Columns schedule_id, opens_at, closes_at.
        schedules: Columns schedule_id, time_zone, is_default.

    Returns:
        group_name, week (its Monday, local), weekday (0 is Monday), hour, started, late.
    """
    tickets = (
        sla.group_by("ticket_id")
        .agg(
            # A ticket's targets other than group ownership name the group that holds it now.
            pl.col("group_name").last(),
            pl.col("started_at").min(),
            in_opening_hours=pl.col("is_business_hours").any(),
            is_late=(pl.col("sla_status") == "breached").any(),
        )
        .sort("started_at")
    )
    default = schedules.filter("is_default")["schedule_id"].unique().to_list()
    opening = (
        open_intervals.filter(pl.col("schedule_id").is_in(default))
        .select("opens_at", "closes_at")
        .sort("closes_at")
    )
    begun = tickets.join_asof(
        opening,
        left_on="started_at",
        right_on="closes_at",
        strategy="forward",
        allow_exact_matches=False,
    ).with_columns(
        begins_at=pl.when("in_opening_hours")
        .then(pl.max_horizontal("started_at", "opens_at"))
        .otherwise("started_at")
    )
    zone = default_zone(schedules)
    monday = pl.col("begins_at").dt.convert_time_zone(zone).dt.truncate("1w").dt.date()
    return (
        begun.with_columns(*_local_cell("begins_at", zone), week=monday)
        .group_by(*_CELL, "week")
        .agg(started=pl.len().cast(pl.Int64), late=pl.col("is_late").sum().cast(pl.Int64))
    )


def answers_by_hour(events: pl.DataFrame, schedules: pl.DataFrame) -> pl.DataFrame:
    """Return how much agents did in each hour.

    Args:
        events: What agents did; columns occurred_at, group_name, agent_id.
        schedules: Columns time_zone, is_default.

    Returns:
        group_name, weekday (0 is Monday), hour, answers, agent_hours (pairs of an agent and an
        hour in which the agent did anything).
    """
    hour = pl.col("occurred_at").dt.truncate("1h")
    return (
        events.with_columns(*_local_cell("occurred_at", default_zone(schedules)), at_hour=hour)
        .group_by(_CELL)
        .agg(
            answers=pl.len().cast(pl.Int64),
            agent_hours=pl.struct("agent_id", "at_hour")
            .filter(pl.col("agent_id").is_not_null())
            .n_unique()
            .cast(pl.Int64),
        )
    )

"""A desk's profile measured on what it did: demand, people by the hour, effort, routes, targets."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from control_tower.columns import polars_schema_of
from control_tower.forecasting.capacity import GROUP_CAPACITY_COLUMNS
from control_tower.forecasting.desk_profile import HORIZON_DAYS, RUN_OUT_DAYS, DeskProfile
from control_tower.forecasting.desk_visits import NO_PRIORITY, visits
from control_tower.forecasting.neighbours import neighbour
from control_tower.forecasting.people_by_hour import staffed_shares
from control_tower.forecasting.profile_tables import PROFILE_TABLES
from control_tower.forecasting.visit_outcomes import durations, routes
from control_tower.forecasting.working_days import default_schedule, working_days

__all__ = ["DEMAND_DAYS", "build_profile"]

DEMAND_DAYS: Final = 182
_HOLIDAY: Final = 7


def build_profile(
    *,
    ticket_events: pl.DataFrame,
    tickets: pl.DataFrame,
    ticket_costs: pl.DataFrame,
    sla: pl.DataFrame,
    group_capacity: pl.DataFrame,
    handle_minutes: pl.DataFrame,
    forecast: pl.DataFrame,
    schedules: pl.DataFrame,
    open_intervals: pl.DataFrame,
    as_of: datetime,
) -> DeskProfile:
    """Return a desk's profile for the thirty days from a moment on.

    Args:
        ticket_events: event_id, ticket_id, occurred_at, status, group_name, agent_id.
        tickets: ticket_id, created_at, status, priority, group_name, is_deleted,
            merged_into_ticket_id.
        ticket_costs: ticket_id, group_name, handle_minutes.
        sla: ticket_id, metric, target_minutes, is_business_hours.
        group_capacity: group_name, fte, productive_hours_per_day, shrinkage, target_occupancy.
        handle_minutes: What `capacity.handle_minutes_by_group` returns for this desk and moment.
        forecast: series (the group), day, forecast, created_forecast; may be empty, then the past
            goes on.
        schedules: schedule_id, time_zone, weekday, is_default.
        open_intervals: schedule_id, opens_at, closes_at.
        as_of: The tower's clock (UTC).

    Returns:
        The profile; with empty tables where the desk has no such facts.
    """
    schedule = default_schedule(schedules)
    zone = schedule["time_zone"][0] if not schedule.is_empty() else "UTC"
    first = as_of.astimezone(ZoneInfo(zone)).date() - timedelta(days=DEMAND_DAYS)
    last = as_of.date() + timedelta(days=HORIZON_DAYS + RUN_OUT_DAYS + 1)
    days = working_days(first, last, schedules, open_intervals).with_columns(
        _day_class(schedule).alias("day_class")
    )
    seen = visits(ticket_events, tickets, ticket_costs)
    demand = _demand(seen, days, zone, as_of)
    groups = _groups(handle_minutes, group_capacity, forecast, days, as_of)
    return DeskProfile(
        groups=_as_declared("desk_groups", groups),
        hours=_as_declared(
            "desk_hours",
            _hours(
                groups,
                demand,
                ticket_events,
                forecast,
                days,
                open_intervals,
                schedule,
                as_of,
                1.0 if forecast.is_empty() else _counted_share(tickets),
            ),
        ),
        demand=_as_declared("desk_demand", demand),
        routes=_as_declared("desk_routes", routes(seen, sla, as_of)),
        spreads=_as_declared("desk_spreads", durations(seen, as_of)),
        backlog=_as_declared("desk_backlog", _backlog(tickets, as_of)),
    )


def _as_declared(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    schema = polars_schema_of(PROFILE_TABLES[table])
    return frame.select(pl.col(name).cast(kind) for name, kind in schema.items())


def _day_class(schedule: pl.DataFrame) -> pl.Expr:
    """Return 0 (Monday) to 6, or 7 on a day the desk would be open but for a holiday."""
    weekday = pl.col("day").dt.weekday().cast(pl.Int64) - 1
    if schedule.is_empty():
        return weekday
    is_usually_open = weekday.is_in(schedule["weekday"].unique().to_list())
    is_holiday = is_usually_open & (pl.col("working_days") == 0)
    return pl.when(is_holiday).then(pl.lit(_HOLIDAY, dtype=pl.Int64)).otherwise(weekday)


def _local(moment: str, zone: str) -> tuple[pl.Expr, pl.Expr]:
    local = pl.col(moment).dt.convert_time_zone(zone)
    return local.dt.date().alias("local_day"), local.dt.hour().cast(pl.Int64).alias("local_hour")


def _demand(seen: pl.DataFrame, days: pl.DataFrame, zone: str, as_of: datetime) -> pl.DataFrame:
    since = as_of - timedelta(days=DEMAND_DAYS)
    # A visit handed over is the work of another group's visit, and not the customers' doing.
    is_handed = neighbour("outcome", 1).eq("handed_over")
    is_new = ~pl.col("is_returning")
    return (
        seen.filter(~is_handed.fill_null(value=False))
        .filter(pl.col("began_at").is_between(since, as_of, closed="left"))
        .with_columns(*_local("began_at", zone))
        .join(days.select(pl.col("day").alias("local_day"), "day_class"), on="local_day")
        .filter(pl.col("local_day") > pl.col("local_day").min())
        .group_by("local_day", "local_hour", "group_name", "priority", "day_class")
        .agg(
            is_new.sum().alias("new_tickets"),
            pl.col("is_returning").sum().alias("returning_tickets"),
        )
        .sort("local_day", "local_hour", "group_name", "priority")
    )


def _groups(
    minutes: pl.DataFrame,
    group_capacity: pl.DataFrame,
    forecast: pl.DataFrame,
    days: pl.DataFrame,
    as_of: datetime,
) -> pl.DataFrame:
    ahead = pl.col("day").is_between(
        as_of.date(), as_of.date() + timedelta(days=HORIZON_DAYS), closed="left"
    )
    expected = (
        forecast.filter(ahead)
        .group_by(pl.col("series").alias("group_name"))
        .agg(pl.col("forecast").sum().alias("forecast_tickets"))
    )
    return (
        group_capacity.select(GROUP_CAPACITY_COLUMNS)
        .drop_nulls()
        .join(minutes.select("group_name", "handle_minutes"), on="group_name")
        .join(expected, on="group_name", how="left")
        .with_columns(
            pl.col("forecast_tickets").fill_null(0.0),
            pl.lit(float(days.filter(ahead)["working_days"].sum())).alias("working_days"),
        )
    )


def _hours(
    groups: pl.DataFrame,
    demand: pl.DataFrame,
    ticket_events: pl.DataFrame,
    forecast: pl.DataFrame,
    days: pl.DataFrame,
    open_intervals: pl.DataFrame,
    schedule: pl.DataFrame,
    as_of: datetime,
    counted: float,
) -> pl.DataFrame:
    zone = schedule["time_zone"][0] if not schedule.is_empty() else "UTC"
    start = as_of.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    count = 24 * (HORIZON_DAYS + RUN_OUT_DAYS)
    starts = pl.DataFrame(
        {"starts_at": [start + timedelta(hours=n) for n in range(count)]},
        schema={"starts_at": pl.Datetime("us", "UTC")},
    )
    coming = (
        starts.with_columns(*_local("starts_at", zone))
        .join(days.rename({"day": "local_day"}), on="local_day")
        .sort("starts_at")
        .with_columns(pl.Series("open_minutes", _open_minutes(starts, open_intervals, schedule)))
    )
    names = pl.DataFrame(
        {"group_name": sorted({*groups["group_name"], *demand["group_name"]})},
        schema={"group_name": pl.String},
    )
    return (
        names.join(coming, how="cross")
        .join(
            staffed_shares(groups, ticket_events, days, zone, as_of),
            on=["group_name", "local_hour"],
            how="left",
        )
        .join(
            _usual_hours(demand, days, as_of),
            on=["group_name", "day_class", "local_hour"],
            how="left",
        )
        .with_columns(pl.col("staffed_share", "expected_tickets").fill_null(0.0))
        .join(_levels(demand, forecast, days), on=["group_name", "local_day"], how="left")
        .with_columns(pl.col("expected_tickets") * pl.col("level").fill_null(1.0) * counted)
        .sort("group_name", "starts_at")
    )


def _counted_share(tickets: pl.DataFrame) -> float:
    """Return which share of the tickets forecast is not merged into another one later."""
    kept = tickets.filter(~pl.col("is_deleted"))
    merged = kept["merged_into_ticket_id"].count()
    return 1.0 - merged / kept.height if kept.height else 1.0


def _open_minutes(
    starts: pl.DataFrame, open_intervals: pl.DataFrame, schedule: pl.DataFrame
) -> list[float]:
    """Return the minutes of each hour in which the schedule is open; all of them without one."""
    if schedule.is_empty():
        return [60.0] * starts.height
    first, after = starts["starts_at"][0], starts["starts_at"][-1] + timedelta(hours=1)
    minutes = [0.0] * starts.height
    near = open_intervals.filter(
        (pl.col("schedule_id") == schedule["schedule_id"][0])
        & (pl.col("closes_at") > first)
        & (pl.col("opens_at") < after)
    )
    for opens_at, closes_at in near.select("opens_at", "closes_at").iter_rows():
        opens = max(0.0, (opens_at - first).total_seconds() / 3600)
        closes = min(float(starts.height), (closes_at - first).total_seconds() / 3600)
        for hour in range(int(opens), min(starts.height, int(closes) + 1)):
            minutes[hour] += 60 * max(0.0, min(closes, hour + 1) - max(opens, hour))
    return minutes


def _day_totals(demand: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Return new tickets by group and past day, days without any included."""
    span = days.filter(
        pl.col("day").is_between(demand["local_day"].min(), demand["local_day"].max())
    )
    return (
        span.select(pl.col("day").alias("local_day"), "day_class")
        .join(demand.select("group_name").unique(), how="cross")
        .join(
            demand.group_by("local_day", "group_name").agg(pl.col("new_tickets").sum()),
            on=["local_day", "group_name"],
            how="left",
        )
        .with_columns(pl.col("new_tickets").fill_null(0))
    )


def _usual_hours(demand: pl.DataFrame, days: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Return mean new tickets by group, kind of day and hour; holidays never seen are Sundays."""
    past = days.filter(
        pl.col("day").is_between(demand["local_day"].min(), demand["local_day"].max())
        & (pl.col("day") < as_of.date())
    )
    seen = past.group_by("day_class").len("days")
    usual = (
        demand.group_by("group_name", "day_class", "local_hour")
        .agg(pl.col("new_tickets").sum())
        .join(seen, on="day_class")
        .with_columns((pl.col("new_tickets") / pl.col("days")).alias("expected_tickets"))
        .select("group_name", "day_class", "local_hour", "expected_tickets")
    )
    if not seen.filter(pl.col("day_class") == _HOLIDAY).is_empty():
        return usual
    as_sunday = usual.filter(pl.col("day_class") == 6).with_columns(
        pl.lit(_HOLIDAY, dtype=pl.Int64).alias("day_class")
    )
    return pl.concat([usual, as_sunday])


def _levels(demand: pl.DataFrame, forecast: pl.DataFrame, days: pl.DataFrame) -> pl.DataFrame:
    """Return by which factor a coming day is busier at a group than past days of its kind."""
    empty = pl.DataFrame(
        schema={"group_name": pl.String, "local_day": pl.Date, "level": pl.Float64}
    )
    if forecast.is_empty() or demand.is_empty():
        return empty
    totals = _day_totals(demand, days)
    usual = totals.group_by("group_name", "day_class").agg(pl.col("new_tickets").mean())
    # Groups that get most of their tickets from others follow from the groups before them.
    expected = forecast.select(
        pl.col("series").alias("group_name"), pl.col("day").alias("local_day"), "created_forecast"
    )
    ratio = pl.col("created_forecast") / pl.col("new_tickets")
    compared = (
        expected.join(days.rename({"day": "local_day"}), on="local_day")
        .join(usual, on=["group_name", "day_class"])
        .filter(pl.col("new_tickets") >= 1)
        .with_columns(ratio.alias("level"))
    )
    # Beyond the forecast the days go on as the forecast's last four weeks on the whole.
    beyond = compared.group_by("group_name").agg(
        (pl.col("created_forecast").sum() / pl.col("new_tickets").sum()).alias("level")
    )
    last = compared["local_day"].max()
    further = days.filter(pl.col("day") > last).select(pl.col("day").alias("local_day"))
    return pl.concat(
        [
            compared.select("group_name", "local_day", "level"),
            beyond.join(further, how="cross").select("group_name", "local_day", "level"),
        ]
    )


def _backlog(tickets: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    age = (pl.lit(as_of) - pl.col("created_at")).dt.total_seconds() / 3600
    return (
        tickets.filter(
            pl.col("status").is_in(["new", "open"])
            & ~pl.col("is_deleted")
            & pl.col("merged_into_ticket_id").is_null()
        )
        .drop_nulls("group_name")
        .with_columns(pl.col("priority").fill_null(NO_PRIORITY))
        .group_by("group_name", "priority")
        .agg(
            pl.len().alias("tickets"),
            age.mean().clip(lower_bound=0).alias("mean_age_hours"),
        )
        .sort("group_name", "priority")
    )

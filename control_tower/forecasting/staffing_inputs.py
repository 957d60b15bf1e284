"""A desk's profile measured on what it did: demand, people by the hour, effort, routes, targets."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from control_tower.columns import polars_schema_of
from control_tower.forecasting.capacity import (
    GROUP_CAPACITY_COLUMNS,
    handle_minutes_by_group,
)
from control_tower.forecasting.desk_profile import PROFILE_TABLES, DeskProfile
from control_tower.forecasting.desk_visits import NO_PRIORITY, visits
from control_tower.forecasting.working_days import default_schedule, working_days

__all__ = ["HORIZON_DAYS", "RUN_OUT_DAYS", "SLA_METRICS", "build_profile"]

HORIZON_DAYS: Final = 30
RUN_OUT_DAYS: Final = 10
"""Days after the horizon in which its last tickets get done."""

SLA_METRICS: Final = ("requester_wait_time", "agent_work_time", "total_resolution_time")
"""Metrics of how long a ticket takes; the first the desk has targets for is foretold."""

_DEMAND_DAYS: Final = 182
_STAFFING_DAYS: Final = 91
_SETTLED_AFTER: Final = timedelta(days=5)
_QUANTILES: Final = 20
_FEWEST_VISITS: Final = 30
_SHRUNK_BY: Final = 20
_HOLIDAY: Final = 7
_LEAST_PRESENT: Final = 0.05
_SELDOM_BEFORE: Final = 0.1
_SELDOM_AFTER: Final = 0.95


def build_profile(
    *,
    ticket_events: pl.DataFrame,
    tickets: pl.DataFrame,
    ticket_costs: pl.DataFrame,
    sla: pl.DataFrame,
    group_capacity: pl.DataFrame,
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
    first = as_of.astimezone(ZoneInfo(zone)).date() - timedelta(days=_DEMAND_DAYS)
    last = as_of.date() + timedelta(days=HORIZON_DAYS + RUN_OUT_DAYS + 1)
    days = working_days(first, last, schedules, open_intervals).with_columns(
        _day_class(schedule).alias("day_class")
    )
    seen = visits(ticket_events, tickets, ticket_costs)
    demand = _demand(seen, days, zone, as_of)
    minutes = handle_minutes_by_group(ticket_costs, tickets, ticket_events, as_of.date())
    groups = _groups(minutes, group_capacity, forecast, days, as_of)
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
        routes=_as_declared("desk_routes", _routes(seen, sla, as_of)),
        spreads=_as_declared("desk_spreads", _spreads(seen, as_of)),
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
    since = as_of - timedelta(days=_DEMAND_DAYS)
    # A visit handed over is the work of another group's visit, and not the customers' doing.
    is_handed = pl.col("outcome").shift(1).over("ticket_id").eq("handed_over")
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
            _staffed_shares(groups, ticket_events, days, zone, as_of),
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
    merged = kept["merged_into_ticket_id"].is_not_null().sum()
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


def _staffed_shares(
    groups: pl.DataFrame,
    ticket_events: pl.DataFrame,
    days: pl.DataFrame,
    zone: str,
    as_of: datetime,
) -> pl.DataFrame:
    """Return which part of each hour of the day a post at work has for tickets.

    Nobody's roster is known, so an agent is taken to be there from the time before which the day's
    first event seldom lies to the time after which the last ticket is seldom taken up (the tenth
    and the ninety-fifth percentile), and to be at rest in the longest stretch between two tickets. A
    group's hours together are its productive hours a day.
    """
    local = pl.col("occurred_at").dt.convert_time_zone(zone)
    hour = local.dt.hour() + local.dt.minute() / 60
    worked = (
        ticket_events.filter(
            pl.col("agent_id").is_not_null()
            & (pl.col("occurred_at") >= as_of - timedelta(days=_STAFFING_DAYS))
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


def _routes(seen: pl.DataFrame, sla: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
    """Return how visits end, by group and kind of ticket.

    A kind is a priority and a target, so that ticket types with targets of their own are told
    apart. Kinds seldom seen lean on all tickets of their group: as many of these as twenty visits
    are mixed in.
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
    since = as_of - timedelta(days=_DEMAND_DAYS)
    return seen.filter(pl.col("ended_at").is_between(since, as_of - _SETTLED_AFTER))


def _spreads(seen: pl.DataFrame, as_of: datetime) -> pl.DataFrame:
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

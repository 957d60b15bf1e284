"""Capacity from a forecast: the gap by group, and the desk's profile that what-ifs start from."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import polars as pl

from control_tower.forecasting.capacity import capacity_gap, capacity_outlook
from control_tower.forecasting.measured_capacity import (
    error_correlation,
    handle_minutes_by_group,
    saturated_closures,
)
from control_tower.forecasting.series import DEMAND
from control_tower.forecasting.staffing_inputs import build_profile
from control_tower.forecasting.working_days import working_days

__all__ = ["plan"]

_MARGIN = timedelta(days=1)


def plan(
    volume_forecast: pl.DataFrame,
    *,
    daily_ops: pl.DataFrame,
    group_capacity: pl.DataFrame,
    ticket_costs: pl.DataFrame,
    tickets: pl.DataFrame,
    ticket_events: pl.DataFrame,
    sla: pl.DataFrame,
    schedules: pl.DataFrame,
    open_intervals: pl.DataFrame,
    as_of: datetime,
) -> Mapping[str, pl.DataFrame]:
    """Return capacity_gap, capacity_outlook and the tables of the desk's profile, by name.

    Args:
        volume_forecast: The table of that name; its groups' series are the work to come.
        daily_ops: day, group_name, is_complete, created, reopened, received, solved, handed_over,
            backlog.
        group_capacity: group_name, fte, productive_hours_per_day, shrinkage, target_occupancy.
        ticket_costs, tickets, ticket_events, sla, schedules, open_intervals: As for
            `staffing_inputs.build_profile`.
        as_of: The tower's clock (UTC).
    """
    forecast = volume_forecast.filter(pl.col("measure") == DEMAND)
    # Groups nobody forecasts, and a desk without history, still bound the days to lay out.
    seen = [*daily_ops["day"].to_list(), *forecast["day"].to_list(), as_of.date()]
    days = working_days(min(seen) - _MARGIN, max(seen) + _MARGIN, schedules, open_intervals)
    minutes = handle_minutes_by_group(ticket_costs, tickets, ticket_events, as_of.date())
    closures = saturated_closures(daily_ops, days)
    demand = daily_ops.filter("is_complete").select(
        "group_name",
        "day",
        (pl.col("created") + pl.col("reopened") + pl.col("received")).alias("tickets"),
    )
    known = (forecast, group_capacity, minutes, closures, days, error_correlation(demand))
    profile = build_profile(
        ticket_events=ticket_events,
        tickets=tickets,
        ticket_costs=ticket_costs,
        sla=sla,
        group_capacity=group_capacity,
        handle_minutes=minutes,
        forecast=forecast,
        schedules=schedules,
        open_intervals=open_intervals,
        as_of=as_of,
    )
    return {
        "capacity_gap": capacity_gap(*known),
        "capacity_outlook": capacity_outlook(*known),
        **profile.tables(),
    }

"""What comes next: volume by day and group, tested on the past, and days out of the ordinary."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from dagster import Failure, MetadataValue
from dagster._core.definitions.metadata import RawMetadataValue

from control_tower.forecasting.anomalies import anomalies
from control_tower.forecasting.backtest import HORIZON
from control_tower.forecasting.checks import CHECKS, DAILY_OPS
from control_tower.forecasting.figures import FIGURES
from control_tower.forecasting.holiday_calendar import (
    UnknownCountryError,
    desk_holidays,
    public_holidays,
)
from control_tower.forecasting.planning import plan
from control_tower.forecasting.recent_rows import recent_rows
from control_tower.forecasting.series import desk_from_daily
from control_tower.forecasting.tables import TABLES
from control_tower.forecasting.volume import outlook
from control_tower.room import Frames, Room
from control_tower.settings import Settings

__all__ = ["FORECASTING"]

_SCHEDULES: Final = "staging.stg_schedules"
_OPEN_INTERVALS: Final = "staging.stg_open_intervals"


def _compute(given: Frames, settings: Settings) -> Frames:
    desk = desk_from_daily(given[DAILY_OPS])
    holidays: Mapping[date, str] = {}
    if desk is not None:
        holidays = _holidays(
            given, settings, desk.first_day, desk.next_day + timedelta(days=HORIZON)
        )
    found = outlook(desk, holidays)
    planned = plan(
        found.forecast,
        daily_ops=given[DAILY_OPS],
        group_capacity=given["staging.stg_group_capacity"],
        ticket_costs=given["staging.stg_ticket_costs"],
        tickets=given["staging.stg_tickets"],
        ticket_events=given["staging.stg_ticket_events"],
        sla=given["marts.sla"],
        schedules=given[_SCHEDULES],
        open_intervals=given[_OPEN_INTERVALS],
        as_of=given["staging.stg_landing"]["as_of"][0],
    )
    return {
        **planned,
        "volume_forecast": found.forecast,
        "forecast_accuracy": found.accuracy,
        "volume_anomalies": anomalies(desk, holidays),
    }


def _holidays(given: Frames, settings: Settings, first: date, last: date) -> Mapping[date, str]:
    """Return the holidays of the country that is set, or else those the desk keeps."""
    if settings.holidays_country is None:
        return desk_holidays(given[_SCHEDULES], given[_OPEN_INTERVALS])
    try:
        return public_holidays(
            settings.holidays_country,
            settings.holidays_subdivision,
            # The day before the first counts too: the first may be the day after a holiday.
            first - timedelta(days=1),
            last,
        )
    except UnknownCountryError as error:
        raise Failure(description=str(error), allow_retries=False) from None


def _figures(made: Frames) -> Mapping[str, Mapping[str, RawMetadataValue]]:
    return {
        table: {name: MetadataValue.md(show(made)) for name, show in shown.items()}
        for table, shown in FIGURES.items()
    }


_INPUTS: Final[Mapping[str, tuple[str, ...]]] = {
    DAILY_OPS: (
        "day",
        "group_name",
        "is_complete",
        "created",
        "reopened",
        "received",
        "solved",
        "handed_over",
        "backlog",
    ),
    "marts.sla": ("ticket_id", "metric", "target_minutes", "is_business_hours"),
    "staging.stg_group_capacity": (
        "group_name",
        "fte",
        "productive_hours_per_day",
        "shrinkage",
        "target_occupancy",
    ),
    "staging.stg_landing": ("as_of",),
    "staging.stg_ticket_costs": ("ticket_id", "group_name", "handle_minutes"),
    "staging.stg_ticket_events": (
        "event_id",
        "ticket_id",
        "occurred_at",
        "status",
        "group_name",
        "agent_id",
    ),
    "staging.stg_tickets": (
        "ticket_id",
        "created_at",
        "status",
        "priority",
        "group_name",
        "is_deleted",
        "merged_into_ticket_id",
    ),
    _SCHEDULES: ("schedule_id", "time_zone", "weekday", "is_default"),
    _OPEN_INTERVALS: ("schedule_id", "opens_at", "closes_at"),
}

FORECASTING: Final = Room(
    name="forecasting",
    tables=TABLES,
    inputs=_INPUTS,
    queries=recent_rows(_INPUTS),
    compute=_compute,
    checks=CHECKS,
    figures=_figures,
)
"""The room's tables, what it reads and what it promises."""

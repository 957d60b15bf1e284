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
    return {
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


FORECASTING: Final = Room(
    name="forecasting",
    tables=TABLES,
    inputs={
        DAILY_OPS: ("day", "group_name", "is_complete", "created", "reopened", "received"),
        _SCHEDULES: ("schedule_id", "time_zone", "weekday", "is_default"),
        _OPEN_INTERVALS: ("schedule_id", "opens_at", "closes_at"),
    },
    compute=_compute,
    checks=CHECKS,
    figures=_figures,
)
"""The room's tables, what it reads and what it promises."""

"""The tables of the room, declared once."""

from collections.abc import Mapping
from typing import Final

import dataframely as dy
import polars as pl

from control_tower.columns import amount, count, day, flag, one_of, share, text
from control_tower.forecasting.capacity_tables import CapacityGap, CapacityOutlook
from control_tower.forecasting.profile_tables import PROFILE_TABLES
from control_tower.forecasting.series import CREATED, DEMAND

__all__ = ["TABLES", "ForecastAccuracy", "VolumeAnomalies", "VolumeForecast"]

_SERIES = "Total, or a group's name"
_MEASURE = (
    "What is counted: for Total the tickets created on the desk, for a group its demand - tickets "
    "created in it, passed on to it by another group, or reopened in it"
)
_MEASURES = (CREATED, DEMAND)


class VolumeForecast(dy.Schema):
    """Tickets to expect each day of the next thirty, in total and by group, with intervals.

    Each series is forecast by its champion: of several models the one with the lowest error when
    all were tried on past weeks. An 80 % interval should hold four days of five.
    """

    series = text(_SERIES, key=True)
    day = day("UTC day", key=True)
    measure = one_of(_MEASURES, _MEASURE)
    model = text("Model the forecast is by: the series' champion")
    forecast = amount("Tickets to expect", lowest=0)
    lo_80 = amount("Lower bound of the 80 % interval, tickets", lowest=0)
    hi_80 = amount("Upper bound of the 80 % interval, tickets", lowest=0)
    lo_95 = amount("Lower bound of the 95 % interval, tickets", lowest=0)
    hi_95 = amount("Upper bound of the 95 % interval, tickets", lowest=0)
    created_forecast = amount(
        "Tickets expected to be created, by the Total's model; the groups' add up to the Total's",
        lowest=0,
    )
    holiday_name = text("Public holiday on that day", nullable=True)

    @dy.rule()
    def bounds_in_order(cls) -> pl.Expr:
        """The wider interval holds the narrower, and that the forecast."""
        return (
            (pl.col("lo_95") <= pl.col("lo_80"))
            & (pl.col("lo_80") <= pl.col("forecast"))
            & (pl.col("forecast") <= pl.col("hi_80"))
            & (pl.col("hi_80") <= pl.col("hi_95"))
        )


class ForecastAccuracy(dy.Schema):
    """How far each model was off when tried on past weeks, with what was known by then.

    A scaled error of 1 is what repeating the last week would have cost on average.
    """

    series = text(_SERIES, key=True)
    model = text("Model", key=True)
    measure = one_of(_MEASURES, _MEASURE)
    windows = count("Past days from which it had to forecast the next thirty, or fewer")
    days_tested = count("Days forecast in all windows together")
    mase = amount("Mean absolute scaled error; null if it could not be tested", nullable=True)
    rmsse = amount("Root mean squared scaled error; null if it could not be tested", nullable=True)
    smape = share(
        "Mean of error over observed plus forecast, 0 to 1; null if it could not be tested",
        nullable=True,
    )
    coverage_80 = share(
        "Share of tested days inside the 80 % interval, which was drawn from the other windows' "
        "errors; null with fewer than two windows",
        nullable=True,
    )
    coverage_95 = share("The same of the 95 % interval", nullable=True)
    is_champion = flag("Whether the series is forecast by it: the lowest RMSSE")


class VolumeAnomalies(dy.Schema):
    """Every past day of every series, with what was to be expected, and whether it stood out.

    A day stands out when its volume lies more than 2.8 robust standard deviations above what was
    to be expected, or 3.5 below. Holidays and the days after them are named, and never stand out.
    """

    series = text(_SERIES, key=True)
    day = day("UTC day", key=True)
    measure = one_of(_MEASURES, _MEASURE)
    observed = count("Tickets that came")
    expected = amount(
        "Mean of the last eight ordinary same weekdays without the highest and the lowest, at the "
        "level of the last four weeks, tickets; null with fewer than four such days",
        nullable=True,
        lowest=0,
    )
    z_score = amount(
        "Distance from what was to be expected, robust standard deviations; null without it",
        nullable=True,
    )
    rolling_z_score = amount(
        "Distance from the mean of the 28 days before, standard deviations: the classic score, "
        "for comparison; null in the first 28 days",
        nullable=True,
    )
    is_anomaly = flag("Whether the day stood out")
    is_holiday = flag("Whether the day was a public holiday")
    holiday_name = text("Public holiday on that day or the day before", nullable=True)


TABLES: Final[Mapping[str, type[dy.Schema]]] = {
    "volume_forecast": VolumeForecast,
    "forecast_accuracy": ForecastAccuracy,
    "volume_anomalies": VolumeAnomalies,
    "capacity_gap": CapacityGap,
    "capacity_outlook": CapacityOutlook,
    **PROFILE_TABLES,
}

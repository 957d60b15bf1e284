"""What is promised of the forecasts beyond their schemas."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import polars as pl

from control_tower.forecasting.backtest import HORIZON
from control_tower.forecasting.series import TOTAL
from control_tower.room import Frames, TableCheck

__all__ = ["CHECKS", "DAILY_OPS"]

DAILY_OPS: Final = "marts.daily_ops"

_TOLERANCE: Final = 1e-6
_COVERAGE_80: Final = (0.70, 0.90)
_COVERAGE_95: Final = (0.88, 1.0)
_TICKETS_TO_JUDGE: Final = 10.0
"""Tickets a day below which an interval of whole tickets cannot be near 80 %."""

_DAYS_TO_JUDGE: Final = 100
"""Tested days below which a share of days says little."""


def _covers_the_days_ahead(given: Frames, made: Frames) -> Sequence[str]:
    complete = given[DAILY_OPS].filter("is_complete")
    if complete.is_empty() or made["volume_forecast"].is_empty():
        return []
    last = complete.select(pl.col("day").max()).item()
    wanted = [last + timedelta(days=n) for n in range(1, HORIZON + 1)]
    return [
        f"volume_forecast, series {series}: the days run from {days[0]} to {days[-1]} "
        f"({len(days)}); they should run from {wanted[0]} to {wanted[-1]} ({HORIZON})"
        for series, days in made["volume_forecast"]
        .sort("series", "day")
        .group_by("series", maintain_order=True)
        .agg("day")
        .iter_rows()
        if days != wanted
    ]


def _groups_add_up(_given: Frames, made: Frames) -> Sequence[str]:
    is_total = pl.col("series") == TOTAL
    sums = (
        made["volume_forecast"]
        .group_by("day")
        .agg(
            pl.col("forecast").filter(is_total).sum().alias("total"),
            pl.col("created_forecast").filter(~is_total).sum().alias("groups"),
        )
        .filter((pl.col("total") - pl.col("groups")).abs() > _TOLERANCE * (1 + pl.col("total")))
        .sort("day")
    )
    return [
        f"volume_forecast, day {day}: the groups' created_forecast adds up to {groups:.3f}, "
        f"the Total's forecast is {total:.3f}"
        for day, total, groups in sums.iter_rows()
    ]


def _all_series_are_forecast(_given: Frames, made: Frames) -> Sequence[str]:
    wanted = set(made["volume_anomalies"]["series"])
    found = set(made["volume_forecast"]["series"])
    return [f"volume_forecast: series {name} is missing" for name in sorted(wanted - found)]


def _one_champion_each(_given: Frames, made: Frames) -> Sequence[str]:
    judged = (
        made["forecast_accuracy"]
        .group_by("series", maintain_order=True)
        .agg(
            pl.col("is_champion").sum().alias("champions"),
            pl.col("rmsse").filter("is_champion").min().alias("champions_rmsse"),
            pl.col("rmsse").min().alias("lowest_rmsse"),
        )
    )
    problems = [
        f"forecast_accuracy, series {series}: {champions} models are champions; one should be"
        for series, champions in judged.select("series", "champions").iter_rows()
        if champions != 1
    ]
    worse = judged.filter(
        pl.col("champions_rmsse").fill_null(float("inf")) > pl.col("lowest_rmsse")
    )
    return problems + [
        f"forecast_accuracy, series {series}: the champion is not the model with the lowest RMSSE"
        for series in worse["series"]
    ]


def _coverage_is_near(_given: Frames, made: Frames) -> Sequence[str]:
    busy = (
        made["volume_forecast"]
        .group_by("series")
        .agg(pl.col("forecast").mean())
        .filter(pl.col("forecast") >= _TICKETS_TO_JUDGE)
    )
    judged = (
        made["forecast_accuracy"]
        .filter("is_champion", pl.col("coverage_80").is_not_null())
        .join(busy, on="series", how="semi")
    )
    days = int(judged["days_tested"].sum())
    if days < _DAYS_TO_JUDGE:
        return []
    problems = []
    for column, (lowest, highest) in (("coverage_80", _COVERAGE_80), ("coverage_95", _COVERAGE_95)):
        pooled = judged.select((pl.col(column) * pl.col("days_tested")).sum() / days).item()
        if not lowest <= pooled <= highest:
            problems.append(
                f"forecast_accuracy, column {column}: {pooled:.1%} of {days:,} tested days fell "
                f"into the champions' intervals; {lowest:.0%} to {highest:.0%} should"
            )
    return problems


def _observed_adds_up(given: Frames, made: Frames) -> Sequence[str]:
    wanted = int(given[DAILY_OPS].filter("is_complete")["created"].sum())
    found = int(made["volume_anomalies"].filter(pl.col("series") == TOTAL)["observed"].sum())
    if wanted == found:
        return []
    return [f"volume_anomalies, series {TOTAL}: {found:,} tickets, daily_ops has {wanted:,}"]


def _holidays_are_no_alerts(_given: Frames, made: Frames) -> Sequence[str]:
    wrong = made["volume_anomalies"].filter("is_anomaly", pl.col("holiday_name").is_not_null())
    return [
        f"volume_anomalies, series {series}, day {day}: an alert on {name}"
        for series, day, name in wrong.select("series", "day", "holiday_name").iter_rows()
    ]


CHECKS: Final = (
    TableCheck(
        "volume_forecast",
        "covers_the_next_thirty_days",
        "Every series is forecast for the thirty days after the last complete one",
        _covers_the_days_ahead,
    ),
    TableCheck(
        "volume_forecast",
        "groups_add_up_to_the_total",
        "The tickets to be created in the groups add up to the Total's forecast",
        _groups_add_up,
    ),
    TableCheck(
        "volume_forecast",
        "every_series_is_forecast",
        "Every series with a past has a forecast",
        _all_series_are_forecast,
    ),
    TableCheck(
        "forecast_accuracy",
        "one_champion_per_series",
        "Each series has one champion, and no model has a lower RMSSE",
        _one_champion_each,
    ),
    TableCheck(
        "forecast_accuracy",
        "intervals_cover_what_they_say",
        "About 80 and 95 % of the tested days of busy series fell into the champions' intervals",
        _coverage_is_near,
        is_blocking=False,
    ),
    TableCheck(
        "volume_anomalies",
        "observed_adds_up_to_tickets_created",
        "The Total's observed tickets are all the tickets of the complete days",
        _observed_adds_up,
    ),
    TableCheck(
        "volume_anomalies",
        "holidays_never_stand_out",
        "Holidays and the days after them are named, not alerted",
        _holidays_are_no_alerts,
    ),
)
"""The checks of the room's tables."""

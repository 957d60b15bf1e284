"""Days out of the ordinary: a robust residual against like weekdays, holidays set apart."""

from collections.abc import Mapping
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from control_tower.columns import polars_schema_of
from control_tower.forecasting.cleaning import anscombe, robust_scale
from control_tower.forecasting.holiday_calendar import marked_days
from control_tower.forecasting.series import Counts, Desk
from control_tower.forecasting.tables import VolumeAnomalies

__all__ = ["ALERT_AT", "anomalies", "robust_scores", "rolling_scores"]

ALERT_AT: Final = 3.5
"""Robust standard deviations from which a day is out of the ordinary."""

_WEEK: Final = 7
_LIKE_DAYS: Final = 8
_FEWEST_LIKE_DAYS: Final = 4
_SCALE_DAYS: Final = _WEEK * _LIKE_DAYS
_ROLLING_DAYS: Final = 28


def robust_scores(counts: Counts, is_ordinary: np.ndarray) -> tuple[Counts, Counts]:
    """Return what was to be expected each day, and how far from it the day was.

    Expected is the median of the last eight same weekdays that were ordinary, four at least. The
    residual is taken on Anscombe's scale, on which counting noise is the same at all volumes, and
    divided by the residuals' scale over the eight weeks before: the median absolute deviation,
    never below that of pure counting noise.

    Args:
        counts: Tickets a day, without gaps.
        is_ordinary: Whether a day may serve as a measure for others: no holiday, no day after one.

    Returns:
        Expected tickets and score, day by day; NaN where there are too few like days.
    """
    days = len(counts)
    expected = np.full(days, np.nan)
    for day in range(days):
        like = np.arange(day - _WEEK, -1, -_WEEK)
        like = like[is_ordinary[like]][:_LIKE_DAYS]
        if len(like) >= _FEWEST_LIKE_DAYS:
            expected[day] = np.median(counts[like])
    residuals = anscombe(counts) - anscombe(expected)
    scores = np.full(days, np.nan)
    is_known = ~np.isnan(residuals)
    for day in np.flatnonzero(is_known).tolist():
        before = slice(max(day - _SCALE_DAYS, 0), day)
        scores[day] = residuals[day] / robust_scale(
            residuals[before][is_known[before] & is_ordinary[before]]
        )
    return expected, scores


def rolling_scores(counts: Counts) -> Counts:
    """Return the classic z-score: distance from the mean of the 28 days before, by their deviation.

    It knows neither weekdays nor holidays and is shown for comparison. NaN in the first 28 days,
    and where the days before were all alike.
    """
    scores = np.full(len(counts), np.nan)
    for day in range(_ROLLING_DAYS, len(counts)):
        before = counts[day - _ROLLING_DAYS : day]
        deviation = before.std(ddof=1)
        if deviation > 0:
            scores[day] = (counts[day] - before.mean()) / deviation
    return scores


def anomalies(desk: Desk | None, holidays: Mapping[date, str]) -> pl.DataFrame:
    """Return the table `volume_anomalies`: every complete day of every series.

    Args:
        desk: Components and series; None for a desk without a complete day.
        holidays: Public holidays with their names. They and the days after are never alerts.
    """
    schema = polars_schema_of(VolumeAnomalies)
    if desk is None:
        return pl.DataFrame(schema=schema)
    marks = marked_days(holidays)
    days = [desk.day(n) for n in range(desk.days)]
    is_ordinary = np.array([day not in marks for day in days])
    frames = []
    for series in desk.series:
        counts, ordinary = series.counts[series.start :], is_ordinary[series.start :]
        expected, scores = robust_scores(counts, ordinary)
        frames.append(
            pl.DataFrame(
                {
                    "series": series.name,
                    "day": days[series.start :],
                    "measure": series.measure,
                    "observed": counts.astype(np.int64),
                    "expected": expected,
                    "z_score": scores,
                    "rolling_z_score": rolling_scores(counts),
                    "is_anomaly": ordinary & (np.abs(np.nan_to_num(scores)) > ALERT_AT),
                    "is_holiday": [day in holidays for day in days[series.start :]],
                    "holiday_name": [marks.get(day) for day in days[series.start :]],
                }
            )
        )
    found = pl.concat(frames)
    return found.with_columns(pl.col(pl.Float64).fill_nan(None)).select(
        pl.col(name).cast(kind) for name, kind in schema.items()
    )

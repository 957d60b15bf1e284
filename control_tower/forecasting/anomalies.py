"""Days out of the ordinary: a robust residual against like weekdays, holidays set apart."""

from collections.abc import Mapping
from datetime import date
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from control_tower.columns import polars_schema_of
from control_tower.forecasting.cleaning import anscombe, robust_scale
from control_tower.forecasting.holiday_calendar import marked_days
from control_tower.forecasting.series import Counts, Desk
from control_tower.forecasting.tables import VolumeAnomalies

__all__ = [
    "ALERT_ABOVE",
    "ALERT_BELOW",
    "anomalies",
    "is_alert",
    "robust_scores",
    "rolling_scores",
]

ALERT_ABOVE: Final = 2.8
"""Score from which a busy day stands out: work piles up, and someone has to act."""

ALERT_BELOW: Final = 3.5
"""Score below which, with its sign turned, a quiet day stands out: no one waits for an answer."""

_WEEK: Final = 7
_LIKE_DAYS: Final = 8
_FEWEST_LIKE_DAYS: Final = 4
_LEVEL_DAYS: Final = 28
_SCALE_DAYS: Final = _WEEK * _LIKE_DAYS
_ROLLING_DAYS: Final = 28
_ROUNDING: Final = 1e-9


def robust_scores(counts: Counts, is_ordinary: NDArray[np.bool_]) -> tuple[Counts, Counts]:
    """Return what was to be expected each day, and how far from it the day was.

    Expected is the mean of the last eight same weekdays, four at least, without the highest and
    the lowest, times the level: by how much the four weeks before ran above or below what was
    expected of them in the same way. Without the level, eight weeks of history lag behind the
    seasons of the year. The residual is taken on Anscombe's scale, on which counting noise is the
    same at all volumes, and divided by the residuals' scale over the eight weeks before: the median
    absolute deviation, never below that of pure counting noise.

    Args:
        counts: Tickets a day, without gaps.
        is_ordinary: Whether a day may serve as a measure for others: no holiday, no day after one.

    Returns:
        Expected tickets and score, day by day; NaN where there are too few like days.
    """
    days = len(counts)
    usual = np.full(days, np.nan)
    for day in range(days):
        like = np.arange(day - _WEEK, -1, -_WEEK)
        like = like[is_ordinary[like]][:_LIKE_DAYS]
        if like.size >= _FEWEST_LIKE_DAYS:
            usual[day] = np.sort(counts[like])[1:-1].mean()
    may_serve = np.flatnonzero(is_ordinary & ~np.isnan(usual))
    expected = usual.copy()
    stabilised = anscombe(counts)
    residuals, scores = np.full(days, np.nan), np.full(days, np.nan)
    for day in np.flatnonzero(~np.isnan(usual)).tolist():
        before = int(np.searchsorted(may_serve, day))
        expected[day] *= _level(counts, usual, may_serve[max(before - _LEVEL_DAYS, 0) : before])
        past = may_serve[max(before - _SCALE_DAYS, 0) : before]
        residuals[day] = stabilised[day] - float(anscombe(expected[day : day + 1])[0])
        scores[day] = residuals[day] / robust_scale(residuals[past])
    return expected, scores


def _level(counts: Counts, usual: Counts, past: NDArray[np.int64]) -> float:
    """Return the middle of observed over usual: as many tickets were usual on days above as below.

    One where there are too few days to tell, or hardly a ticket.
    """
    weights = usual[past]
    if past.size < 2 * _WEEK or weights.sum() < past.size:
        return 1.0
    ratios = counts[past] / np.maximum(weights, 0.5)
    order = np.argsort(ratios)
    heard = np.cumsum(weights[order])
    return float(ratios[order][np.searchsorted(heard, heard[-1] / 2.0 - _ROUNDING)])


def is_alert(scores: Counts) -> NDArray[np.bool_]:
    """Return which scores are out of the ordinary; an unknown one is not."""
    known = np.nan_to_num(scores)
    return (known > ALERT_ABOVE) | (known < -ALERT_BELOW)


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
                    "is_anomaly": ordinary & is_alert(scores),
                    "is_holiday": [day in holidays for day in days[series.start :]],
                    "holiday_name": [marks.get(day) for day in days[series.start :]],
                }
            )
        )
    found = pl.concat(frames)
    return found.with_columns(pl.col(pl.Float64).fill_nan(None)).select(
        pl.col(name).cast(kind) for name, kind in schema.items()
    )

"""History without what does not repeat weekly: holidays learned apart, outliers drawn in.

A model of weekly seasonality takes a holiday for news and carries it on. So holidays and the days
after them are taken out of the history before a model sees it, what they do to the volume is
learned, and it is put back on the holidays ahead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from control_tower.forecasting.series import Counts

__all__ = ["Cleaned", "anscombe", "clean", "mean_count", "robust_scale"]

DAYS_A_WEEK: Final = 7
OUTLIER_SCALES: Final = 3.5
"""Robust standard deviations beyond which a day is drawn in; Iglewicz and Hoaglin (1993)."""

_NEIGHBOURS: Final = 4
"""Same weekdays before, and as many after, that a day is held against."""

_QUIET_SHARE: Final = 0.5
"""A weekday below this share of the mean day is quiet; holidays do little to it."""

_PRIOR_OCCURRENCES: Final = 1.0
"""Occurrences the effect of holidays in general counts for, beside those of one of its name."""

_FEWEST_PRIOR_TICKETS: Final = 4.0
"""Tickets the absence of any effect counts for at least, however quiet the series.

As a gamma prior on a Poisson rate, four tickets say that holidays mostly halve or add half; less
would let a single ticket on a day that has none foretell a flood.
"""

_ANSCOMBE: Final = 0.375


@dataclass(frozen=True)
class Cleaned:
    """History fit for a model, and what the model's forecast is to be multiplied by.

    Attributes:
        counts: The history, marked days replaced by what was to be expected, outliers drawn in.
        effect: Factor for each day ahead: 1 on ordinary days.
    """

    counts: Counts
    effect: Counts


def anscombe(counts: Counts) -> Counts:
    """Return counts on a scale on which Poisson noise has standard deviation one.

    Anscombe (1948), The transformation of Poisson, binomial and negative-binomial data.
    """
    return 2.0 * np.sqrt(counts + _ANSCOMBE)


def mean_count(transformed: Counts) -> Counts:
    """Return the mean count of which a value on Anscombe's scale is the mean.

    The plain inverse would be the count at the mean, which is too low. The closed form of Mäkitalo
    and Foi (2011), A closed-form approximation of the exact unbiased inverse of the Anscombe
    variance-stabilizing transformation: zero for the value of zero and for all below it.
    """
    value = np.maximum(transformed, anscombe(np.zeros(1)))
    root = np.sqrt(1.5)
    return np.asarray(
        value**2 / 4 + root / (4 * value) - 11 / (8 * value**2) + 5 * root / (8 * value**3) - 0.125
    )


def robust_scale(residuals: Counts) -> float:
    """Return the standard deviation by the median absolute deviation, at least one.

    One is what pure Poisson noise has on Anscombe's scale; a quiet stretch is no reason to take
    ordinary noise for news.
    """
    if not residuals.size:
        return 1.0
    middle = np.median(residuals)
    return float(max(1.4826 * np.median(np.abs(residuals - middle)), 1.0))


def clean(counts: Counts, weekdays: NDArray[np.int64], marks: Sequence[str | None]) -> Cleaned:
    """Return a history cleaned, and the effect of the marked days ahead.

    Args:
        counts: Tickets a day.
        weekdays: Weekday of each day of the history and the days ahead.
        marks: For each day of the history and the days ahead, the name of the holiday, or of the
            day after it; None on ordinary days.
    """
    days = len(counts)
    marked = np.array([mark is not None for mark in marks])
    expected = _expected(counts, weekdays[:days], marked[:days])
    scale_free = anscombe(counts) - anscombe(expected)
    reach = OUTLIER_SCALES * robust_scale(scale_free[~marked[:days]])
    drawn_in = np.clip(
        counts, _inverse(anscombe(expected) - reach), _inverse(anscombe(expected) + reach)
    )
    cleaned = np.where(marked[:days], expected, drawn_in)
    return Cleaned(cleaned, _effects(counts, expected, weekdays, marks))


def _inverse(transformed: Counts) -> Counts:
    return np.square(np.maximum(transformed, 0.0) / 2.0) - _ANSCOMBE


def _expected(counts: Counts, weekdays: NDArray[np.int64], marked: NDArray[np.bool_]) -> Counts:
    """Return the median of the same weekdays around each day, marked days left out."""
    days = len(counts)
    ordinary = np.where(marked, np.nan, counts)
    around = np.full((2 * _NEIGHBOURS + 1, days), np.nan)
    for row, weeks in enumerate(w for w in range(-_NEIGHBOURS, _NEIGHBOURS + 1) if w):
        shift = weeks * DAYS_A_WEEK
        if abs(shift) < days:
            there = slice(max(shift, 0), days + min(shift, 0))
            here = slice(max(-shift, 0), days + min(-shift, 0))
            around[row, here] = ordinary[there]
    # Where a day has no like around it, it is held against its weekday, its like, or itself.
    alone = np.isnan(around).all(axis=0)
    for position in np.flatnonzero(alone):
        like = ordinary[weekdays == weekdays[position]]
        like = like[~np.isnan(like)]
        around[-1, position] = like.mean() if like.size else counts[position]
    return np.asarray(np.nanmedian(around, axis=0), dtype=np.float64)


def _effects(
    counts: Counts,
    expected: Counts,
    weekdays: NDArray[np.int64],
    marks: Sequence[str | None],
) -> Counts:
    days = len(counts)
    effect = np.ones(len(marks) - days)
    ahead = [position for position in range(days, len(marks)) if marks[position] is not None]
    if not ahead or not expected.any():
        return effect
    level = expected.mean()
    prior = max(level, _FEWEST_PRIOR_TICKETS)
    quiet = {
        weekday
        for weekday in range(DAYS_A_WEEK)
        if (weekdays[:days] == weekday).any()
        and expected[weekdays[:days] == weekday].mean() < _QUIET_SHARE * level
    }
    past = [position for position in range(days) if marks[position] is not None]

    def kind(position: int) -> tuple[bool, bool]:
        mark = marks[position] or ""
        return mark.startswith("Day after"), int(weekdays[position]) in quiet

    for position in ahead:
        alike = [p for p in past if kind(p) == kind(position)]
        general = (counts[alike].sum() + prior) / (expected[alike].sum() + prior)
        namesakes = [p for p in alike if marks[p] == marks[position]]
        weight = max(_PRIOR_OCCURRENCES * level, _FEWEST_PRIOR_TICKETS)
        effect[position - days] = (counts[namesakes].sum() + weight * general) / (
            expected[namesakes].sum() + weight
        )
    return effect

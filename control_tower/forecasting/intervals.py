"""How far off a forecast may be: conformal intervals from the errors on past windows.

Errors are scaled by the square root of the forecast plus one, as counts scatter, and pooled over
origins and days ahead; a quantile of their sizes, scaled back, is the interval's half width
(split conformal prediction, Lei et al. 2018). No distribution is assumed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import NormalDist
from typing import Final, TypeAlias

import numpy as np

from control_tower.forecasting.backtest import Window
from control_tower.forecasting.series import Counts

__all__ = ["LEVELS", "Band", "Widths", "bands", "coverage", "scaled_errors", "widths_of"]

LEVELS: Final = (0.80, 0.95)

_FEWEST_ERRORS: Final = 20
"""Errors below which a quantile of 95 % is little more than the largest of them."""

_UNTESTED_SPREAD: Final = 2.0
"""Standard deviations of counts, in units of Poisson's, where nothing could be tested."""


@dataclass(frozen=True)
class Band:
    """Bounds of an interval, day by day."""

    low: Counts
    high: Counts


Widths: TypeAlias = dict[float, float]


def scaled_errors(windows: Sequence[Window]) -> Counts:
    """Return observed less forecast, over the square root of the forecast plus one."""
    if not windows:
        return np.empty(0)
    return np.concatenate([(w.observed - w.forecast) / np.sqrt(w.forecast + 1.0) for w in windows])


def widths_of(windows: Sequence[Window]) -> Widths:
    """Return how far each level reaches, down and up alike, in scaled errors.

    With fewer than twenty errors to learn from, the reach is the normal one of counts that scatter
    twice as wide as Poisson's, or the errors' own if that is wider.
    """
    errors = scaled_errors(windows)
    reach: Widths = {}
    for level in LEVELS:
        half = _quantile(np.abs(errors), level)
        if errors.size < _FEWEST_ERRORS:
            half = max(half, _UNTESTED_SPREAD * NormalDist().inv_cdf(0.5 + level / 2.0))
        reach[level] = half
    return reach


def bands(forecast: Counts, widths: Widths) -> dict[float, Band]:
    """Return the interval of each level around a forecast, never below zero."""
    unit = np.sqrt(forecast + 1.0)
    return {
        level: Band(np.maximum(forecast - reach * unit, 0.0), forecast + reach * unit)
        for level, reach in widths.items()
    }


def coverage(windows: Sequence[Window]) -> dict[float, float] | None:
    """Return the share of days that fell into each level's interval.

    The interval of a window comes from the errors of the other windows alone. None with fewer than
    two windows.
    """
    if len(windows) < 2:
        return None
    inside: dict[float, list[Counts]] = {level: [] for level in LEVELS}
    for window in windows:
        others = [other for other in windows if other is not window]
        for level, band in bands(window.forecast, widths_of(others)).items():
            is_in = (band.low <= window.observed) & (window.observed <= band.high)
            inside[level].append(is_in.astype(np.float64))
    return {level: float(np.concatenate(found).mean()) for level, found in inside.items()}


def _quantile(sizes: Counts, level: float) -> float:
    """Return the conformal quantile: the ceil((n + 1) level)-th smallest, or the largest."""
    if not sizes.size:
        return 0.0
    place = min(ceil((sizes.size + 1) * level), sizes.size)
    return float(np.partition(sizes, place - 1)[place - 1])

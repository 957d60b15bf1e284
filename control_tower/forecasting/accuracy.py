"""How far forecasts were off, by the measures of the field.

Scales are those of the seasonal naive forecast with a week's season on the history before the
window, so that 1 is what repeating last week would have done on average (Hyndman and Koehler
2006, Another look at measures of forecast accuracy; Makridakis et al. 2022, the M5 competition).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from control_tower.forecasting.backtest import Window
from control_tower.forecasting.series import Counts

__all__ = ["mase", "mean_over", "rmsse", "smape"]

_WEEK: Final = 7


def mase(window: Window) -> float | None:
    """Return the mean absolute error over that of the seasonal naive on the history.

    None where the history repeats itself exactly or is no longer than a week.
    """
    scale = _mean(np.abs(_seasonal_differences(window.history)))
    return _mean(np.abs(window.observed - window.forecast)) / scale if scale else None


def rmsse(window: Window) -> float | None:
    """Return the root of the mean squared error over that of the seasonal naive on the history.

    None where the history repeats itself exactly or is no longer than a week.
    """
    scale = _mean(np.square(_seasonal_differences(window.history)))
    if not scale:
        return None
    return float(np.sqrt(_mean(np.square(window.observed - window.forecast)) / scale))


def smape(window: Window) -> float:
    """Return the mean of |error| / (|observed| + |forecast|), 0 to 1; a right zero counts 0."""
    size = np.abs(window.observed) + np.abs(window.forecast)
    error = np.abs(window.observed - window.forecast)
    return _mean(np.divide(error, size, out=np.zeros_like(error), where=size > 0))


def mean_over(values: Sequence[float | None]) -> float | None:
    """Return the mean of the values there are; None without any."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _seasonal_differences(history: Counts) -> Counts:
    return history[_WEEK:] - history[:-_WEEK]


def _mean(values: Counts) -> float:
    return float(values.mean()) if values.size else 0.0

"""The candidates: each makes daily forecasts of one component from its history up to a day.

The larger models come from statsforecast, which takes seconds to import; it is imported when the
first of them is fitted, so that a desk with little history does not pay for it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy as np

from control_tower.forecasting.cleaning import Cleaned, anscombe, clean, mean_count
from control_tower.forecasting.series import Counts

__all__ = [
    "CANDIDATES",
    "COMBINED",
    "PLAIN_CANDIDATES",
    "PLAIN_MEAN",
    "SEASONAL_NAIVE",
    "SHORT_DAYS",
    "VERY_SHORT_DAYS",
    "WEEKDAY_MEAN",
    "ComponentForecaster",
    "seasonal_naive",
    "weekday_mean",
]

SEASONAL_NAIVE: Final = "SeasonalNaive"
WEEKDAY_MEAN: Final = "WeekdayMean"
HOLT_WINTERS: Final = "HoltWinters"
THETA: Final = "DynamicOptimizedTheta"
AUTO_ETS: Final = "AutoETS"
MSTL: Final = "MSTL"
COMBINED: Final = "MeanOfThree"
PLAIN_MEAN: Final = "PlainMean"

CANDIDATES: Final = (
    COMBINED,
    HOLT_WINTERS,
    THETA,
    WEEKDAY_MEAN,
    AUTO_ETS,
    MSTL,
    SEASONAL_NAIVE,
)
"""Models that compete where there is history enough, the likely winner first."""

PLAIN_CANDIDATES: Final = (WEEKDAY_MEAN, SEASONAL_NAIVE)
"""Models that compete where there are too few tickets for more."""

SHORT_DAYS: Final = 28
"""Days of history below which only the weekday mean is used."""

VERY_SHORT_DAYS: Final = 7
"""Days of history below which there is no week to learn from, and only a mean is used."""

_COMBINED_OF: Final = (THETA, HOLT_WINTERS, WEEKDAY_MEAN)
_WEEK: Final = 7
_WEEKS_OF_MEAN: Final = 8
_RECENT_DAYS: Final = _WEEK * _WEEKS_OF_MEAN
_FEWEST_A_DAY: Final = 2.0
"""Tickets a day below which counting noise hides all that a larger model could learn."""

_LONGEST_FIT: Final = 182
"""Days of history a model of the library is fitted on; more is slower and was not better."""

_SLOW: Final = (HOLT_WINTERS, AUTO_ETS)
_REFIT_DAYS: Final = 60
"""Days for which the parameters of a slow model are kept; its states are renewed every time."""

_BUILDERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    THETA: lambda models: models.DynamicOptimizedTheta(season_length=_WEEK),
    HOLT_WINTERS: lambda models: models.HoltWinters(season_length=_WEEK),
    # On Anscombe's scale components are additive, and to try no others is three times faster.
    AUTO_ETS: lambda models: models.AutoETS(season_length=_WEEK, model="AZA"),
    MSTL: lambda models: models.MSTL(
        season_length=_WEEK, trend_forecaster=models.AutoETS(season_length=1, model="AZN")
    ),
}
"""How the models of the library are set up; given its module."""


def seasonal_naive(history: Counts, horizon: int) -> Counts:
    """Return the days of the last week, over and over."""
    return np.resize(history[-_WEEK:], horizon)


def weekday_mean(history: Counts, horizon: int) -> Counts:
    """Return the mean of the last eight same weekdays, or of as many as there are."""
    means = [
        history[len(history) - _WEEK + weekday :: -_WEEK][:_WEEKS_OF_MEAN].mean()
        for weekday in range(_WEEK)
    ]
    return np.resize(np.asarray(means), horizon)


def plain_mean(history: Counts, horizon: int) -> Counts:
    """Return the mean of all days."""
    return np.full(horizon, history.mean() if history.size else 0.0)


def _are_few(counts: Counts) -> bool:
    return not counts.size or bool(counts[-_RECENT_DAYS:].mean() < _FEWEST_A_DAY)


class ComponentForecaster:
    """Forecasts one component from any day on, with what was known by then.

    Args:
        counts: Tickets a day.
        first_day: Day of the first count.
        marks: For each day of the history and the days ahead, the name of the holiday, or of the
            day after it; None on ordinary days.
        is_plain: Whether to leave it at means even where there is enough for larger models.
    """

    def __init__(
        self,
        counts: Counts,
        first_day: date,
        marks: Sequence[str | None],
        *,
        is_plain: bool = False,
    ) -> None:
        self._is_plain = is_plain
        self._counts = counts
        self._start = int(np.flatnonzero(counts)[0]) if counts.any() else len(counts)
        self._marks = marks
        self._weekdays = (first_day.weekday() + np.arange(len(marks))) % _WEEK
        self._cleaned: dict[tuple[int, int], Cleaned] = {}
        self._known: dict[tuple[str, int, int], Counts] = {}
        self._fitted: dict[str, list[tuple[int, int, Any]]] = {}

    def is_plain(self, origin: int) -> bool:
        """Return whether there are too few tickets for more than means, as known by a day."""
        return self._is_plain or _are_few(self._counts[:origin])

    def forecast(self, model: str, origin: int, horizon: int) -> Counts:
        """Return a model's forecast of the days from `origin` on, none of it negative.

        Where the component has too little history for the model, or too few tickets, or has not
        moved for eight weeks, it is a weekday mean; in its first week a mean.
        """
        key = (model, origin, horizon)
        if key not in self._known:
            cleaned = self._clean(origin, horizon)
            if model == COMBINED:
                parts = [self.forecast(part, origin, horizon) for part in _COMBINED_OF]
                made = np.mean(parts, axis=0)
            else:
                made = self._raw(model, cleaned.counts, origin, horizon) * cleaned.effect
            self._known[key] = np.maximum(made, 0.0)
        return self._known[key]

    def _clean(self, origin: int, horizon: int) -> Cleaned:
        key = (origin, horizon)
        if key not in self._cleaned:
            start = min(self._start, origin)
            self._cleaned[key] = clean(
                self._counts[start:origin],
                self._weekdays[start : origin + horizon],
                self._marks[start : origin + horizon],
            )
        return self._cleaned[key]

    def _raw(self, model: str, history: Counts, origin: int, horizon: int) -> Counts:
        if len(history) < VERY_SHORT_DAYS:
            return plain_mean(history, horizon)
        if model == SEASONAL_NAIVE:
            return seasonal_naive(history, horizon)
        is_plain = self.is_plain(origin) or len(history) < SHORT_DAYS
        if model == WEEKDAY_MEAN or is_plain or not np.ptp(history[-_RECENT_DAYS:]):
            return weekday_mean(history, horizon)
        made = self._of_library(model, history, origin, horizon)
        return made if np.isfinite(made).all() else weekday_mean(history, horizon)

    def _of_library(self, model: str, history: Counts, origin: int, horizon: int) -> Counts:
        """Return a forecast by a model of the library, fitted on Anscombe's scale.

        There a season that grows with the level is nearly additive and noise is the same on quiet
        days as on busy ones; on the scale of counts an additive season that fits the working days
        puts too many tickets on weekends.
        """
        from statsforecast import models  # noqa: PLC0415 - slow to import

        build = _BUILDERS[model]
        begin = max(0, len(history) - _LONGEST_FIT)
        if model not in _SLOW:
            made = build(models).forecast(y=anscombe(history[begin:]), h=horizon)
        else:
            fits = self._fitted.setdefault(model, [])
            # Only parameters fitted on the past of this origin may be used.
            usable = [fit for fit in fits if 0 <= origin - fit[0] < _REFIT_DAYS]
            if not usable:
                usable = [(origin, begin, build(models).fit(y=anscombe(history[begin:])))]
                fits += usable
            # The first states are fitted too, so history must begin where it began for the fit.
            _, begin, newest = max(usable, key=lambda fit: fit[0])
            made = newest.forward(y=anscombe(history[begin:]), h=horizon)
        return mean_count(np.asarray(made["mean"]))

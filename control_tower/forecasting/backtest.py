"""Rolling origin: what every model would have said on past days, with what was known by then."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from control_tower.forecasting.models import (
    CANDIDATES,
    PLAIN_CANDIDATES,
    PLAIN_MEAN,
    SHORT_DAYS,
    VERY_SHORT_DAYS,
    WEEKDAY_MEAN,
    ComponentForecaster,
)
from control_tower.forecasting.series import Counts, Series

__all__ = ["HORIZON", "Window", "backtest", "candidates_of", "origins_of", "summed"]

HORIZON: Final = 30
WINDOWS: Final = 6

_LONGEST_STEP: Final = 30
_ENOUGH_TRAINING: Final = 56


@dataclass(frozen=True)
class Window:
    """One model's forecasts from one origin, and what came.

    Attributes:
        origin: Position of the first day forecast.
        history: What came before it, from the series' first day on.
        observed: What came.
        forecast: What the model said.
    """

    origin: int
    history: Counts
    observed: Counts
    forecast: Counts


def candidates_of(days: int, *, is_plain: bool = False) -> tuple[str, ...]:
    """Return the models that compete for a history of so many days, plain or not."""
    if days < VERY_SHORT_DAYS:
        return (PLAIN_MEAN,)
    if days < SHORT_DAYS:
        return (WEEKDAY_MEAN,)
    return PLAIN_CANDIDATES if is_plain else CANDIDATES


def origins_of(days: int) -> tuple[Sequence[int], int]:
    """Return the origins at which a history of so many days is tested, and the days tested at each.

    Six origins, at most thirty days apart, each with thirty days to come and eight weeks before
    it; where history is shorter than that takes, origins are closer, less is tested at each, and
    half of the history comes before the first. Below 28 days there may be fewer than six.
    """
    tested = min(HORIZON, max(VERY_SHORT_DAYS, days // 4))
    training = min(_ENOUGH_TRAINING, max(VERY_SHORT_DAYS, days // 2))
    room = days - training - tested
    if room < 0:
        return (), tested
    windows = min(WINDOWS, room + 1)
    step = min(_LONGEST_STEP, room // (windows - 1)) if windows > 1 else 0
    last = days - tested
    return [last - step * n for n in reversed(range(windows))], tested


def summed(
    series: Series,
    forecasters: Sequence[ComponentForecaster],
    model: str,
    origin: int,
    horizon: int,
) -> Counts:
    """Return a series' forecast: the sum of its components' by the same model."""
    parts = [forecasters[n].forecast(model, origin, horizon) for n in series.components]
    return np.asarray(np.sum(parts, axis=0), dtype=np.float64)


def backtest(series: Series, forecasters: Sequence[ComponentForecaster]) -> dict[str, list[Window]]:
    """Return the windows of every model that competes for a series, oldest first."""
    days = len(series.counts) - series.start
    origins, tested = origins_of(days)
    is_plain = all(forecasters[n].is_plain(len(series.counts)) for n in series.components)
    return {
        model: [
            Window(
                origin=series.start + origin,
                history=series.counts[series.start : series.start + origin],
                observed=series.counts[series.start + origin : series.start + origin + tested],
                forecast=summed(series, forecasters, model, series.start + origin, tested),
            )
            for origin in origins
        ]
        for model in candidates_of(days, is_plain=is_plain)
    }

"""The volume forecast: every series by the model that did best on it, and how well each did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import polars as pl

from control_tower.columns import polars_schema_of
from control_tower.forecasting.accuracy import mase, mean_over, rmsse, smape
from control_tower.forecasting.backtest import HORIZON, Window, backtest, summed
from control_tower.forecasting.holiday_calendar import marked_days
from control_tower.forecasting.intervals import LEVELS, bands, coverage, widths_of
from control_tower.forecasting.models import ComponentForecaster
from control_tower.forecasting.series import TOTAL, Desk, Series
from control_tower.forecasting.tables import ForecastAccuracy, VolumeForecast

__all__ = ["Outlook", "champion_of", "outlook"]

_LOW, _HIGH = LEVELS

_MOST_LARGE: Final = 8
"""Components forecast by the larger models; those of a desk with more groups are left at means."""

_DAYS_TO_RANK: Final = 56


@dataclass(frozen=True)
class Outlook:
    """What comes, and how far to trust it.

    Attributes:
        forecast: The table `volume_forecast`.
        accuracy: The table `forecast_accuracy`.
    """

    forecast: pl.DataFrame
    accuracy: pl.DataFrame


def outlook(desk: Desk | None, holidays: Mapping[date, str], *, horizon: int = HORIZON) -> Outlook:
    """Return the forecast of all series for the days after the last complete one.

    Args:
        desk: Components and series; None for a desk without a complete day.
        holidays: Public holidays of the past and of the days ahead, with their names.
        horizon: Days ahead.
    """
    forecasts: list[dict[str, object]] = []
    accuracies: list[dict[str, object]] = []
    if desk is not None:
        marks = marked_days(holidays)
        named = [marks.get(desk.day(n)) for n in range(desk.days + horizon)]
        large = _largest(desk)
        forecasters = [
            ComponentForecaster(
                component.counts, desk.first_day, named, is_plain=position not in large
            )
            for position, component in enumerate(desk.components)
        ]
        tested = {series.name: backtest(series, forecasters) for series in desk.series}
        champions = {name: champion_of(windows) for name, windows in tested.items()}
        for series in desk.series:
            windows = tested[series.name]
            champion = champions[series.name]
            accuracies += _accuracy_rows(series, windows, champion)
            created = [
                forecasters[n].forecast(champions[TOTAL], desk.days, horizon)
                for n in series.components
                if desk.components[n].is_created
            ]
            made = summed(series, forecasters, champion, desk.days, horizon)
            around = bands(made, widths_of(windows[champion]))
            forecasts += [
                {
                    "series": series.name,
                    "day": desk.day(desk.days + n),
                    "measure": series.measure,
                    "model": champion,
                    "forecast": float(made[n]),
                    "lo_80": float(around[_LOW].low[n]),
                    "hi_80": float(around[_LOW].high[n]),
                    "lo_95": float(around[_HIGH].low[n]),
                    "hi_95": float(around[_HIGH].high[n]),
                    "created_forecast": float(sum(part[n] for part in created)),
                    "holiday_name": holidays.get(desk.day(desk.days + n)),
                }
                for n in range(horizon)
            ]
    return Outlook(
        pl.DataFrame(forecasts, schema=polars_schema_of(VolumeForecast)),
        pl.DataFrame(accuracies, schema=polars_schema_of(ForecastAccuracy)),
    )


def champion_of(windows: Mapping[str, Sequence[Window]]) -> str:
    """Return the model with the lowest RMSSE over all windows.

    Where none can be told from another, for want of windows or of movement, the first candidate
    is kept.
    """
    errors = {model: mean_over([rmsse(window) for window in w]) for model, w in windows.items()}
    known = {model: error for model, error in errors.items() if error is not None}
    return min(known, key=lambda model: known[model]) if known else next(iter(windows))


def _largest(desk: Desk) -> set[int]:
    """Return the positions of the largest components of the last weeks."""
    by_size = sorted(
        range(len(desk.components)),
        key=lambda position: -desk.components[position].counts[-_DAYS_TO_RANK:].sum(),
    )
    return set(by_size[:_MOST_LARGE])


def _accuracy_rows(
    series: Series, windows: Mapping[str, Sequence[Window]], champion: str
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for model, tested in windows.items():
        covered = coverage(tested)
        rows.append(
            {
                "series": series.name,
                "model": model,
                "measure": series.measure,
                "windows": len(tested),
                "days_tested": sum(len(window.observed) for window in tested),
                "mase": mean_over([mase(window) for window in tested]),
                "rmsse": mean_over([rmsse(window) for window in tested]),
                "smape": mean_over([smape(window) for window in tested]),
                "coverage_80": covered[_LOW] if covered else None,
                "coverage_95": covered[_HIGH] if covered else None,
                "is_champion": model == champion,
            }
        )
    return rows

"""Simulated days: what anomalies are sought in, and what a forecast's costs are measured on."""

from datetime import date, timedelta
from typing import Final

import numpy as np
import polars as pl

from control_tower.forecasting.anomalies import is_alert, robust_scores
from control_tower.forecasting.cleaning import anscombe

__all__ = ["false_and_found", "simulated_desk"]

_WEEKDAY_VOLUMES: Final = (191.0, 204.0, 190.0, 185.0, 169.0, 27.0, 17.0)
"""Mean tickets a day from Monday on of the simulated desk at 50,000 tickets a year."""

_DAYS_TO_SETTLE: Final = 126


def false_and_found(swing: float, *, years: int = 200, seed: int = 11) -> tuple[float, float]:
    """Return the alarms a year on clean simulated days, and the share of bursts that are found.

    Days are Poisson with the desk's weekly pattern and a yearly swing; a burst is as many tickets
    again as are usual that day. Every day of the year is tried as a burst, one at a time, on a
    history that is otherwise clean.
    """
    generator = np.random.default_rng(seed)
    position = np.arange(_DAYS_TO_SETTLE + 365)
    alarms: list[bool] = []
    found: list[bool] = []
    for _ in range(years):
        season = 1 + swing * np.sin(2 * np.pi * (position + generator.integers(365)) / 365)
        mean = np.resize(_WEEKDAY_VOLUMES, len(position)) * season
        clean = generator.poisson(mean).astype(np.float64)
        expected, scores = robust_scores(clean, np.ones(len(position), dtype=bool))
        alarms += is_alert(scores)[_DAYS_TO_SETTLE:].tolist()
        # A burst that day would be held against the same past, on the same scale.
        usual = anscombe(expected)[_DAYS_TO_SETTLE:]
        off = anscombe(clean)[_DAYS_TO_SETTLE:] - usual
        # A day exactly as expected tells no scale; any will do, as one is the usual one.
        spread = np.divide(off, scores[_DAYS_TO_SETTLE:], out=np.ones_like(off), where=off != 0)
        with_burst = anscombe(clean + generator.poisson(mean))[_DAYS_TO_SETTLE:]
        found += is_alert((with_burst - usual) / spread).tolist()
    return 365 * float(np.mean(alarms)), float(np.mean(found))


def simulated_desk(groups: int, days: int, *, seed: int = 5) -> pl.DataFrame:
    """Return two flows into each group a day, as `marts.daily_ops` has them."""
    generator = np.random.default_rng(seed)
    first = date(2024, 1, 1)
    position = np.arange(days)
    season = 1 + 0.12 * np.sin(2 * np.pi * position / 365)
    mean = np.resize(_WEEKDAY_VOLUMES, days) * season
    return pl.concat(
        pl.DataFrame(
            {
                "day": [first + timedelta(days=n) for n in range(days)],
                "group_name": f"Group {group}",
                "is_complete": True,
                "created": generator.poisson(mean / groups),
                "reopened": generator.poisson(mean / groups / 20),
                "received": generator.poisson(mean / groups / 5),
            }
        )
        for group in range(1, groups + 1)
    )

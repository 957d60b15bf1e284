"""One suite for every model: what any forecaster must do, on any history."""

import warnings
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from control_tower.forecasting.models import (
    CANDIDATES,
    COMBINED,
    SEASONAL_NAIVE,
    WEEKDAY_MEAN,
    ComponentForecaster,
    seasonal_naive,
    weekday_mean,
)
from tests.examples import examples
from tests.forecasting.desks import FIRST_DAY

WEEK = np.array([100.0, 90.0, 90.0, 80.0, 70.0, 20.0, 10.0])


def _poisson(days: int, *, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).poisson(np.resize(WEEK, days)).astype(float)


def _forecaster(
    counts: np.ndarray, marks: list[str | None] | None = None, *, is_plain: bool = False
) -> ComponentForecaster:
    marks = marks or [None] * (len(counts) + 40)
    return ComponentForecaster(counts, FIRST_DAY, marks, is_plain=is_plain)


HISTORIES = {
    "empty": np.empty(0),
    "one day": np.array([3.0]),
    "five days": np.array([3.0, 4.0, 5.0, 0.0, 1.0]),
    "ten days": _poisson(10),
    "five weeks": _poisson(35),
    "constant": np.full(90, 7.0),
    "zero": np.zeros(90),
    "long silent": np.concatenate([_poisson(90), np.zeros(90)]),
    "just begun": np.concatenate([np.zeros(90), _poisson(12)]),
    "every other week": _poisson(120) * np.repeat(np.resize([1, 0], 18), 7)[:120],
    "working days only": _poisson(120) * (np.arange(120) % 7 < 5),
    "rare": np.random.default_rng(1).poisson(0.2, 200).astype(float),
    "one burst": np.concatenate([_poisson(60), [90_000.0], _poisson(60)]),
    "falling": np.maximum(_poisson(150) * np.linspace(1, 0.01, 150), 0).round(),
    "huge": _poisson(120) * 1e6,
}


@pytest.mark.parametrize("model", CANDIDATES)
@pytest.mark.parametrize("history", HISTORIES.values(), ids=HISTORIES)
def test_any_history_is_forecast_in_full_and_without_a_word(
    model: str, history: np.ndarray
) -> None:
    """Finite, none negative, no further than the past reaches, no warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = _forecaster(history).forecast(model, len(history), 30)
    assert made.shape == (30,)
    assert np.isfinite(made).all()
    assert (made >= 0).all()
    assert made.max() <= 3 * max(history, default=0.0) + 1


@pytest.mark.parametrize("model", CANDIDATES)
def test_a_forecast_knows_nothing_of_what_came_later(model: str) -> None:
    """Days after the origin may be anything; so may the origins asked for before."""
    counts = _poisson(150)
    changed = counts.copy()
    changed[100:] = 5_000.0
    first, second = _forecaster(counts), _forecaster(changed)
    second.forecast(model, 150, 30)
    second.forecast(model, 130, 30)
    assert second.forecast(model, 100, 30).tolist() == first.forecast(model, 100, 30).tolist()


@pytest.mark.parametrize("model", CANDIDATES)
def test_kept_parameters_are_used_on_the_newest_days(model: str) -> None:
    """A month after a fit the level of the last weeks counts, on the right days of the week."""
    level = np.repeat([1.0, 0.7, 1.3, 0.8, 1.2, 2.0], 27)[:160]
    counts = (_poisson(160) * level).round()
    forecaster = _forecaster(counts)
    forecaster.forecast(model, 115, 30)
    made = forecaster.forecast(model, 160, 28)
    assert made.sum() == pytest.approx(8 * WEEK.sum(), rel=0.35)
    assert np.argsort(made.reshape(4, 7).mean(axis=0))[:2].tolist() == [
        (6 - 160) % 7,
        (5 - 160) % 7,
    ]


@pytest.mark.parametrize("model", CANDIDATES)
def test_a_steady_week_is_forecast_as_it_is(model: str) -> None:
    """Every model finds a pattern without noise."""
    made = _forecaster(np.resize(WEEK, 140)).forecast(model, 140, 30)
    assert made == pytest.approx(np.resize(WEEK, 30), rel=0.02, abs=0.6)


@pytest.mark.parametrize("model", CANDIDATES)
def test_a_holiday_ahead_is_forecast_as_holidays_were(model: str) -> None:
    """And the days around it as if there were none."""
    counts = np.resize(WEEK, 140).astype(float)
    marks: list[str | None] = [None] * 180
    for day in (21, 49, 77, 105, 147):
        marks[day] = "Holiday"
    counts[[21, 49, 77, 105]] = 10.0
    made = _forecaster(counts, marks).forecast(model, 140, 30)
    assert made[7] < 35
    assert made[14] == pytest.approx(100, rel=0.05)


def test_the_mean_of_three_is_their_mean() -> None:
    """Day by day."""
    forecaster = _forecaster(_poisson(120))
    parts = [
        forecaster.forecast(model, 120, 30)
        for model in ("DynamicOptimizedTheta", "HoltWinters", WEEKDAY_MEAN)
    ]
    assert forecaster.forecast(COMBINED, 120, 30) == pytest.approx(np.mean(parts, axis=0))


@pytest.mark.parametrize("model", [m for m in CANDIDATES if m != SEASONAL_NAIVE])
def test_where_there_is_too_little_a_weekday_mean_is_used(model: str) -> None:
    """Three weeks, hardly a ticket, or a component left at means."""
    rare = np.random.default_rng(1).poisson(0.8, 200).astype(float)
    for counts, is_plain in ((_poisson(20), False), (rare, False), (_poisson(120), True)):
        forecaster = _forecaster(counts, is_plain=is_plain)
        plain = forecaster.forecast(WEEKDAY_MEAN, len(counts), 30)
        assert forecaster.forecast(model, len(counts), 30).tolist() == plain.tolist()


def test_larger_models_do_more_than_a_weekday_mean() -> None:
    """None of them falls back where there is enough."""
    forecaster = _forecaster(_poisson(150))
    made = {model: tuple(forecaster.forecast(model, 150, 30)) for model in CANDIDATES}
    assert len(set(made.values())) == len(CANDIDATES)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.integers(0, 99), min_size=7, max_size=100), st.integers(1, 40))
def test_simple_models_are_what_a_loop_says(counts: list[int], horizon: int) -> None:
    """Last week's day; the mean of the last eight same weekdays."""
    history = np.array(counts, dtype=float)
    naive, means = seasonal_naive(history, horizon), weekday_mean(history, horizon)
    for ahead in range(horizon):
        day = FIRST_DAY + timedelta(days=len(counts) + ahead)
        alike = [
            count
            for position, count in enumerate(counts)
            if (FIRST_DAY + timedelta(days=position)).weekday() == day.weekday()
        ]
        assert naive[ahead] == alike[-1]
        assert means[ahead] == pytest.approx(sum(alike[-8:]) / len(alike[-8:]))

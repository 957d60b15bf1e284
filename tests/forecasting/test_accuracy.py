"""Every measure against a loop that follows its definition word by word, and against a library."""

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from utilsforecast import losses

from control_tower.forecasting.accuracy import mase, mean_over, rmsse, smape
from control_tower.forecasting.backtest import Window
from tests.examples import examples

COUNTS = st.integers(0, 500)


def _window(history: list[float], observed: list[float], forecast: list[float]) -> Window:
    return Window(len(history), np.array(history), np.array(observed), np.array(forecast))


@st.composite
def windows(draw: st.DrawFn) -> Window:
    days = draw(st.integers(1, 12))
    history = draw(st.lists(COUNTS, min_size=8, max_size=40))
    observed = draw(st.lists(COUNTS, min_size=days, max_size=days))
    forecast = draw(st.lists(st.floats(0, 500), min_size=days, max_size=days))
    return _window([*map(float, history)], [*map(float, observed)], forecast)


@settings(max_examples=examples(100), deadline=None)
@given(windows())
def test_measures_are_what_their_definitions_say(window: Window) -> None:
    """Loops, one day at a time."""
    absolute = squared = 0.0
    for n in range(7, len(window.history)):
        difference = window.history[n] - window.history[n - 7]
        absolute += abs(difference)
        squared += difference**2
    steps = len(window.history) - 7
    off = off_squared = relative = 0.0
    for seen, said in zip(window.observed, window.forecast, strict=True):
        off += abs(seen - said)
        off_squared += (seen - said) ** 2
        if seen or said:
            relative += abs(seen - said) / (abs(seen) + abs(said))
    days = len(window.observed)
    if absolute == 0:
        assert mase(window) is None
        assert rmsse(window) is None
    else:
        assert mase(window) == pytest.approx((off / days) / (absolute / steps))
        wanted = math.sqrt((off_squared / days) / (squared / steps))
        assert rmsse(window) == pytest.approx(wanted)
    assert smape(window) == pytest.approx(relative / days)


def test_measures_agree_with_utilsforecast() -> None:
    """The library of the field gives the same figures."""
    generator = np.random.default_rng(2)
    window = _window(
        generator.poisson(20, 60).tolist(),
        generator.poisson(20, 30).tolist(),
        generator.uniform(10, 30, 30).tolist(),
    )
    train = pl.DataFrame({"unique_id": "a", "ds": range(60), "y": window.history})
    tested = pl.DataFrame(
        {"unique_id": "a", "ds": range(60, 90), "y": window.observed, "model": window.forecast}
    )
    for ours, theirs in ((mase, losses.mase), (rmsse, losses.rmsse)):
        scaled = theirs(tested, ["model"], seasonality=7, train_df=train)
        assert ours(window) == pytest.approx(scaled["model"][0])
    assert smape(window) == pytest.approx(losses.smape(tested, ["model"])["model"][0])


def test_repeating_last_week_scores_about_one() -> None:
    """The scale is the seasonal naive's own error."""
    window = _window([0, 0, 0, 0, 0, 0, 0, 4, 4, 4, 4, 4, 4, 4], [8], [4])
    assert mase(window) == 1.0
    assert rmsse(window) == 1.0


def test_a_history_that_repeats_itself_has_no_scale() -> None:
    """Nothing is divided by zero."""
    window = _window([3.0] * 20, [3.0], [4.0])
    assert mase(window) is None
    assert rmsse(window) is None
    assert mean_over([None, None]) is None
    assert mean_over([None, 2.0, 4.0]) == 3.0

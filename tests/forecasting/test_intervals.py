"""Intervals hold what they promise, and no more is claimed than was tested."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from control_tower.forecasting.backtest import Window
from control_tower.forecasting.intervals import bands, coverage, widths_of
from tests.examples import examples


def _window(observed: np.ndarray, forecast: np.ndarray) -> Window:
    return Window(0, np.empty(0), observed, forecast)


@settings(max_examples=examples(80), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 99), st.floats(0, 99)), min_size=20, max_size=90))
def test_the_reach_is_the_conformal_quantile_of_scaled_errors(
    pairs: list[tuple[int, float]],
) -> None:
    """By sorting: of n errors the one at place ceil((n + 1) level), or the largest."""
    observed, forecast = (np.array(side, dtype=float) for side in zip(*pairs, strict=True))
    sizes = sorted(abs(o - f) / math.sqrt(f + 1) for o, f in zip(observed, forecast, strict=True))
    reach = widths_of([_window(observed, forecast)])
    for level in (0.8, 0.95):
        place = min(math.ceil((len(sizes) + 1) * level), len(sizes))
        assert reach[level] == pytest.approx(sizes[place - 1])


@settings(max_examples=examples(80), deadline=None)
@given(
    st.lists(st.floats(0, 1e6), min_size=1, max_size=40),
    st.lists(st.tuples(st.integers(0, 99), st.floats(0, 99)), max_size=60),
)
def test_bounds_are_in_order_and_never_negative(
    forecast: list[float], pairs: list[tuple[int, float]]
) -> None:
    """Whatever was tested, be it nothing."""
    windows = [_window(np.array([float(o)]), np.array([f])) for o, f in pairs]
    made = bands(np.array(forecast), widths_of(windows))
    narrow, wide = made[0.8], made[0.95]
    assert (wide.low >= 0).all()
    assert (wide.low <= narrow.low).all()
    assert (narrow.low <= forecast).all()
    assert (forecast <= narrow.high).all()
    assert (narrow.high <= wide.high).all()


def test_intervals_cover_what_they_say_on_counts_that_scatter_twice_as_wide() -> None:
    """New days of the same kind fall inside as often as promised, quiet ones and busy ones."""
    generator = np.random.default_rng(4)
    mean = np.resize([200.0, 150.0, 20.0, 10.0], 180)

    def draw() -> np.ndarray:
        return generator.negative_binomial(mean / 3, 1 / 4).astype(float)

    windows = [_window(draw()[n : n + 30], mean[n : n + 30]) for n in range(0, 180, 30)]
    inside: dict[float, list[float]] = {0.8: [], 0.95: []}
    for _ in range(200):
        observed = draw()
        for level, band in bands(mean, widths_of(windows)).items():
            inside[level].append(float(((band.low <= observed) & (observed <= band.high)).mean()))
    assert np.mean(inside[0.8]) == pytest.approx(0.80, abs=0.06)
    assert np.mean(inside[0.95]) == pytest.approx(0.95, abs=0.03)


def test_a_windows_own_errors_do_not_draw_its_interval() -> None:
    """A window that went wrong is missed, by the intervals of the ones that went well."""
    good = [_window(np.full(30, 101.0), np.full(30, 100.0)) for _ in range(5)]
    bad = _window(np.full(30, 300.0), np.full(30, 100.0))
    covered = coverage([*good, bad])
    assert covered is not None
    assert covered[0.8] == pytest.approx(5 / 6)


def test_nothing_is_claimed_of_what_was_not_tested() -> None:
    """Without two windows there is no coverage; the interval is wide then."""
    window = _window(np.full(7, 100.0), np.full(7, 100.0))
    assert coverage([]) is None
    assert coverage([window]) is None
    band = bands(np.array([99.0]), widths_of([]))[0.95]
    assert (band.low[0], band.high[0]) == pytest.approx((99 - 39.2, 99 + 39.2), abs=0.01)

"""Origins: enough of them, with history before and days to be tested after."""

import numpy as np
import pytest

from control_tower.forecasting.backtest import HORIZON, backtest, candidates_of, origins_of, summed
from control_tower.forecasting.models import CANDIDATES, ComponentForecaster
from control_tower.forecasting.series import Series, desk_from_daily
from tests.forecasting.desks import FIRST_DAY, poisson_desk


@pytest.mark.parametrize("days", [*range(0, 200), 365, 390, 730, 3000])
def test_origins_lie_in_the_past_and_are_tested_in_full(days: int) -> None:
    """Every window ends with the history at the latest; the last one ends with it."""
    origins, tested = origins_of(days)
    assert 7 <= tested <= HORIZON
    assert list(origins) == sorted(set(origins))
    if days >= 28:
        assert len(origins) == 6
        assert min(origins) >= min(56, days // 2)
    if days >= 14:
        assert origins
    if origins:
        assert max(origins) + tested == days
        assert min(origins) >= 7


def test_a_year_is_tested_thirty_days_ahead_from_six_days_a_month_apart() -> None:
    """The case of the built-in desk."""
    origins, tested = origins_of(389)
    assert tested == 30
    assert np.diff(origins).tolist() == [30] * 5


@pytest.mark.parametrize(("days", "models"), [(1, 1), (6, 1), (7, 1), (27, 1), (28, 7), (400, 7)])
def test_short_histories_have_one_model(days: int, models: int) -> None:
    """Below a week a mean, below four weeks a weekday mean, then all; or means for few tickets."""
    assert len(candidates_of(days)) == models
    assert len(candidates_of(days, is_plain=True)) == min(models, 2)


def test_a_series_is_the_sum_of_its_components() -> None:
    """By the same model, from the same day on."""
    desk = desk_from_daily(poisson_desk(90))
    assert desk is not None
    marks = [None] * 120
    forecasters = [ComponentForecaster(c.counts, desk.first_day, marks) for c in desk.components]
    total = desk.series[0]
    assert len(total.components) == 2
    for model in CANDIDATES:
        parts = [forecasters[n].forecast(model, 60, 30) for n in total.components]
        assert summed(total, forecasters, model, 60, 30) == pytest.approx(parts[0] + parts[1])


def test_windows_hold_what_was_known_and_what_came() -> None:
    """Nothing of the days tested is in the history before them."""
    counts = np.arange(60.0)
    series = Series("a", "demand", (0,), 1, counts)
    forecaster = ComponentForecaster(counts, FIRST_DAY, [None] * 90)
    for windows in backtest(series, [forecaster]).values():
        assert len(windows) == 6
        for window in windows:
            known = np.concatenate([window.history, window.observed])
            assert known.tolist() == list(range(1, window.origin + len(window.observed)))
            assert len(window.forecast) == len(window.observed)

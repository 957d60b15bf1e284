"""Cleaning takes out what does not repeat weekly, and nothing else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from control_tower.forecasting.cleaning import anscombe, clean, mean_count, robust_scale
from tests.examples import examples

WEEK = np.array([100.0, 90.0, 90.0, 80.0, 70.0, 20.0, 10.0])


def _weekdays(days: int) -> np.ndarray:
    return np.arange(days) % 7


def test_an_ordinary_history_is_left_alone() -> None:
    """Nothing is smoothed."""
    counts = np.resize(WEEK, 84)
    cleaned = clean(counts, _weekdays(114), [None] * 114)
    assert cleaned.counts.tolist() == counts.tolist()
    assert cleaned.effect.tolist() == [1.0] * 30


def test_a_burst_is_drawn_in_and_not_taken_out() -> None:
    """It stays a busy day: 3.5 robust deviations above the median of its like."""
    counts = np.resize(WEEK, 84)
    counts[42] = 900.0
    cleaned = clean(counts, _weekdays(84), [None] * 84).counts
    assert np.delete(cleaned, 42).tolist() == np.delete(counts, 42).tolist()
    # By hand: 2 sqrt(100.375) + 3.5, turned back.
    assert cleaned[42] == pytest.approx(((2 * np.sqrt(100.375) + 3.5) / 2) ** 2 - 0.375)


def test_what_holidays_do_is_learned_and_put_back() -> None:
    """A day closed for good shows as such ahead, and not in the history models see."""
    counts = np.resize(WEEK, 140)
    marks: list[str | None] = [None] * 170
    for day, name, after in ((14, "May Day", "Day after May Day"), (63, "Rest", "Day after Rest")):
        marks[day], marks[day + 1] = name, after
        counts[day] *= 0.2
        counts[day + 1] *= 1.5
    marks[147], marks[148] = "New Holiday", "Day after New Holiday"
    cleaned = clean(counts, _weekdays(170), marks)
    assert cleaned.counts.tolist() == np.resize(WEEK, 140).tolist()
    # By hand: what holidays in general did, counted with one more day of no effect.
    level = WEEK.mean()
    assert cleaned.effect[7] == pytest.approx((40 + level) / (200 + level))
    assert cleaned.effect[8] == pytest.approx((270 + level) / (180 + level))
    assert np.delete(cleaned.effect, [7, 8]).tolist() == [1.0] * 28


def test_a_holiday_seen_before_weighs_more_than_holidays_in_general() -> None:
    """Christmas is quieter than a holiday few keep."""
    counts = np.resize(WEEK, 364)
    marks: list[str | None] = [None] * 394
    for day in range(7, 364, 28):
        marks[day] = "Kept by few"
    marks[350] = "Christmas"
    counts[350] = 0.0
    marks[371] = "Christmas"
    assert clean(counts, _weekdays(394), marks).effect[7] < 0.6
    marks[371] = "Kept by few"
    assert clean(counts, _weekdays(394), marks).effect[7] > 0.95


def test_a_holiday_on_a_quiet_day_is_judged_by_quiet_days() -> None:
    """A desk closed on holidays loses nothing on a Sunday."""
    counts = np.resize(WEEK, 140)
    marks: list[str | None] = [None] * 170
    for monday in (14, 42, 70):
        marks[monday] = "Closed"
        counts[monday] = 0.0
    marks[146] = "Closed"
    assert clean(counts, _weekdays(170), marks).effect[6] == 1.0


@settings(max_examples=examples(60), deadline=None)
@given(
    st.lists(st.integers(0, 5000), min_size=1, max_size=80),
    st.sets(st.integers(0, 109)),
)
def test_any_history_comes_out_finite_and_not_negative(counts: list[int], days: set[int]) -> None:
    """Whatever is marked, be it every day."""
    marks = ["Holiday" if day in days else None for day in range(len(counts) + 30)]
    values = np.array(counts, dtype=float)
    cleaned = clean(values, _weekdays(len(marks)), marks)
    for made in (cleaned.counts, cleaned.effect):
        assert np.isfinite(made).all()
        assert (made >= -1e-9).all()


def test_the_mean_on_anscombes_scale_turns_back_into_the_mean_count() -> None:
    """For Poisson counts of any size; the plain inverse is up to a quarter too low."""
    generator = np.random.default_rng(1)
    for mean in (0.5, 2.0, 10.0, 300.0):
        counts = generator.poisson(mean, 200_000).astype(float)
        turned = mean_count(np.array([anscombe(counts).mean()]))[0]
        assert turned == pytest.approx(mean, rel=0.04 if mean < 1 else 0.01)
        assert anscombe(counts).std() == pytest.approx(1.0, abs=0.45 if mean < 1 else 0.15)
    assert mean_count(np.array([-5.0, 0.0, anscombe(np.zeros(1))[0]])) == pytest.approx([0, 0, 0])


def test_the_scale_is_robust_and_never_below_one() -> None:
    """One day in ten gone wild does not widen it."""
    generator = np.random.default_rng(1)
    noise = generator.normal(0, 3, 20_000)
    noise[::10] = 1000.0
    assert robust_scale(noise) == pytest.approx(3, rel=0.2)
    assert robust_scale(np.zeros(5)) == 1.0
    assert robust_scale(np.empty(0)) == 1.0


def test_one_ticket_on_a_day_that_has_none_foretells_no_flood() -> None:
    """A group that had work for nine weeks got a ticket the day after the holiday, of all days."""
    counts = np.zeros(364)
    counts[150:213] = 1.0
    marks: list[str | None] = [None] * 394
    for day in (3, 367):
        marks[day], marks[day + 1] = "Holiday", "Day after Holiday"
    counts[4] = 1.0
    effect = clean(counts, _weekdays(394), marks).effect
    assert 1.0 < effect[4] < 2.0
    assert effect[3] <= 1.0

"""Intervals against published values, and like with like against plain Python."""

import statistics
from collections import defaultdict

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from control_tower.recommendations.statistics import (
    difference_interval,
    like_with_like,
    slope,
    wilson_interval,
    z_score,
)

Z = z_score()


def test_quantiles_are_the_normal_tables() -> None:
    """1.96 for one interval; Bonferroni's for twenty is that of 99.75 %."""
    assert z_score() == pytest.approx(1.959964, abs=1e-6)
    assert z_score(20) == pytest.approx(3.023341, abs=1e-6)
    assert z_score(0) == z_score(1)


@pytest.mark.parametrize(
    ("successes", "trials", "lower", "upper"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_agrees_with_newcombes_table(
    successes: int, trials: int, lower: float, upper: float
) -> None:
    """Newcombe, Statistics in Medicine 17 (1998) 857, method 3."""
    interval = wilson_interval(successes, trials, Z)
    assert interval.lower == pytest.approx(lower, abs=5e-5)
    assert interval.upper == pytest.approx(upper, abs=5e-5)


@pytest.mark.parametrize(
    ("one", "other", "lower", "upper"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0000),
    ],
)
def test_difference_agrees_with_newcombes_table(
    one: tuple[int, int], other: tuple[int, int], lower: float, upper: float
) -> None:
    """Newcombe, Statistics in Medicine 17 (1998) 873, method 10."""
    interval = difference_interval(*one, *other, Z)
    assert interval.lower == pytest.approx(lower, abs=5e-5)
    assert interval.upper == pytest.approx(upper, abs=5e-5)


def test_no_trials_say_nothing() -> None:
    """A share of nothing may be anything."""
    interval = wilson_interval(0, 0, Z)
    assert (interval.lower, interval.upper) == (0, 1)


def test_like_with_like_is_not_fooled_by_the_mix() -> None:
    """Hard tickets take longer and are escalated more; escalation itself costs one hour."""
    rows = [
        *[("hard", True, 11.0), ("hard", True, 13.0)] * 40,
        *[("hard", False, 10.0), ("hard", False, 12.0)] * 10,
        *[("easy", True, 2.0), ("easy", True, 4.0)] * 10,
        *[("easy", False, 1.0), ("easy", False, 3.0)] * 40,
    ]
    frame = pl.DataFrame(rows, schema=["kind", "escalated", "hours"], orient="row")
    raw = frame.group_by("escalated").agg(pl.col("hours").mean()).sort("escalated")["hours"]
    found = like_with_like(frame, exposed="escalated", outcome="hours", strata=["kind"], z=Z)
    assert raw[1] - raw[0] == pytest.approx(6.4)
    assert found is not None
    assert found.estimate == pytest.approx(1.0)
    assert found.lower < 1 < found.upper
    assert (found.exposed, found.others) == (100, 100)


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", None]), st.booleans() | st.none(), st.floats(-50, 50)),
        max_size=60,
    )
)
def test_like_with_like_does_what_it_says(
    rows: list[tuple[str | None, bool | None, float]],
) -> None:
    """The definition, walked through in plain Python."""
    sides: dict[str | None, dict[bool, list[float]]] = defaultdict(lambda: {True: [], False: []})
    for stratum, happened, value in rows:
        if happened is not None:
            sides[stratum][happened].append(value)
    weights = difference = variance = 0.0
    for both in sides.values():
        ones, others = both[True], both[False]
        if len(ones) >= 2 and len(others) >= 2:
            weight = len(ones) * len(others) / (len(ones) + len(others))
            weights += weight
            difference += weight * (statistics.fmean(ones) - statistics.fmean(others))
            variance += weight**2 * (
                statistics.variance(ones) / len(ones) + statistics.variance(others) / len(others)
            )
    frame = pl.DataFrame(
        rows, schema={"s": pl.String, "e": pl.Boolean, "o": pl.Float64}, orient="row"
    )
    found = like_with_like(frame, exposed="e", outcome="o", strata=["s"], z=Z)
    if not weights:
        assert found is None
        return
    assert found is not None
    assert found.estimate == pytest.approx(difference / weights, abs=1e-9)
    assert found.upper - found.estimate == pytest.approx(Z * variance**0.5 / weights, abs=1e-6)


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=3, max_size=40).filter(
        lambda points: len({x for x, _ in points}) > 1
    )
)
def test_slope_is_least_squares(points: list[tuple[int, int]]) -> None:
    """The standard library's line, and its standard error by definition."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    line = statistics.linear_regression(xs, ys)
    found = slope(pl.Series(xs), pl.Series(ys), Z)
    assert found is not None
    assert found.estimate == pytest.approx(line.slope, abs=1e-9)
    residuals = sum((y - line.intercept - line.slope * x) ** 2 for x, y in points)
    spread = sum((x - statistics.fmean(xs)) ** 2 for x in xs)
    error = (residuals / (len(points) - 2) / spread) ** 0.5
    assert found.upper - found.estimate == pytest.approx(Z * error, abs=1e-6)


def test_no_slope_without_a_spread() -> None:
    """A constant tells nothing, nor do two points."""
    assert slope(pl.Series([3, 3, 3]), pl.Series([1, 2, 3]), Z) is None
    assert slope(pl.Series([1, 2]), pl.Series([1, 2]), Z) is None

"""Days that stand out: by a slow reading of the definition, by chance, and on holidays."""

import math
import statistics
from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from control_tower.forecasting.anomalies import anomalies, is_alert, robust_scores, rolling_scores
from control_tower.forecasting.cleaning import anscombe
from control_tower.forecasting.series import desk_from_daily
from tests.examples import examples
from tests.forecasting.desks import FIRST_DAY, daily_ops

WEEK = (191.0, 204.0, 190.0, 185.0, 169.0, 27.0, 17.0)
"""Tickets a day at the built-in desk."""


def _scale(count: float) -> float:
    return 2 * math.sqrt(count + 0.375)


def _slow(counts: Sequence[int], ordinary: Sequence[bool]) -> list[tuple[float, float] | None]:
    """Follow the definition day by day with lists."""
    usual: dict[int, float] = {}
    expected: dict[int, float] = {}
    found: list[tuple[float, float] | None] = []
    for day, count in enumerate(counts):
        like = [counts[d] for d in range(day - 7, -1, -7) if ordinary[d]][:8]
        if len(like) < 4:
            found.append(None)
            continue
        usual[day] = statistics.mean(sorted(like)[1:-1])
        past = [d for d in usual if d < day and ordinary[d]]
        month = past[-28:]
        level = 1.0
        if len(month) >= 14 and sum(usual[d] for d in month) >= len(month):
            half, heard = sum(usual[d] for d in month) / 2, 0.0
            for ratio, weight in sorted((counts[d] / max(usual[d], 0.5), usual[d]) for d in month):
                heard += weight
                if heard >= half - 1e-9:
                    level = ratio
                    break
        expected[day] = usual[day] * level
        off = [_scale(counts[d]) - _scale(expected[d]) for d in past[-56:]]
        spread = 1.0
        if off:
            middle = statistics.median(off)
            spread = max(1.4826 * statistics.median(abs(x - middle) for x in off), 1.0)
        found.append((expected[day], (_scale(count) - _scale(expected[day])) / spread))
    return found


@settings(max_examples=examples(8), deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.4, 5.0, 60.0]), st.floats(0, 0.2))
def test_scores_are_what_the_definition_says(seed: int, mean: float, holidays: float) -> None:
    """Against the slow reading, with days that do not count here and there."""
    generator = np.random.default_rng(seed)
    counts = generator.poisson(np.resize([mean] * 5 + [mean / 5] * 2, 130))
    ordinary = generator.random(130) >= holidays
    expected, scores = robust_scores(counts.astype(float), ordinary)
    for day, wanted in enumerate(_slow(counts.tolist(), ordinary.tolist())):
        if wanted is None:
            assert math.isnan(expected[day])
            assert math.isnan(scores[day])
        else:
            assert (expected[day], scores[day]) == pytest.approx(wanted)


def test_the_classic_score_is_what_its_definition_says() -> None:
    """Mean and sample deviation of the 28 days before."""
    counts = np.random.default_rng(1).poisson(20, 60).astype(float)
    scores = rolling_scores(counts)
    assert np.isnan(scores[:28]).all()
    for day in range(28, 60):
        before = counts[day - 28 : day].tolist()
        wanted = (counts[day] - statistics.mean(before)) / statistics.stdev(before)
        assert scores[day] == pytest.approx(wanted)
    assert np.isnan(rolling_scores(np.full(40, 3.0))).all()


def test_clean_days_are_seldom_alarms_and_bursts_seldom_missed() -> None:
    """At the desk's volumes, over the week and the year; bursts on any day of the week."""
    generator = np.random.default_rng(8)
    alarms, years = 0, 12
    found: list[bool] = []
    position = np.arange(126 + 365)
    for _ in range(years):
        season = 1 + 0.15 * np.sin(2 * np.pi * (position + generator.integers(365)) / 365)
        mean = np.resize(WEEK, len(position)) * season
        clean = generator.poisson(mean).astype(float)
        expected, scores = robust_scores(clean, np.ones(len(position), dtype=bool))
        alarms += int(is_alert(scores)[126:].sum())
        # A burst that day would be held against the same past, on the same scale.
        usual = anscombe(expected)[126:]
        spread = (anscombe(clean)[126:] - usual) / scores[126:]
        with_burst = anscombe(clean + generator.poisson(mean))[126:]
        found += is_alert((with_burst - usual) / spread).tolist()
    assert alarms / years <= 2.5
    assert np.mean(found) >= 0.9


def _desk(counts: Sequence[int]) -> pl.DataFrame:
    return daily_ops({"First": {"created": list(counts), "reopened": [1] * len(counts)}})


def test_holidays_are_named_and_never_alerted() -> None:
    """A closed Monday and the busy Tuesday after it are no news; the same without a holiday is."""
    counts = [int(n) for n in np.resize(WEEK, 84)]
    counts[70], counts[71] = 0, 500
    desk = desk_from_daily(_desk(counts))
    monday = FIRST_DAY + timedelta(days=70)
    with_holiday = anomalies(desk, {monday: "Labour Day"}).filter(pl.col("series") == "Total")
    assert with_holiday["is_anomaly"].sum() == 0
    marked = with_holiday.filter(pl.col("holiday_name").is_not_null())
    assert marked.select("day", "is_holiday", "holiday_name").rows() == [
        (monday, True, "Labour Day"),
        (monday + timedelta(days=1), False, "Day after Labour Day"),
    ]
    without = anomalies(desk, {}).filter(pl.col("series") == "Total").filter("is_anomaly")
    assert without["day"].to_list() == [monday, monday + timedelta(days=1)]


def test_every_day_of_every_series_is_there() -> None:
    """From its first ticket on; without like days there is no score and no alert."""
    found = anomalies(desk_from_daily(_desk([0, 0, *range(1, 31)])), {})
    total = found.filter(pl.col("series") == "Total")
    assert total.height == 30
    assert total["day"].is_sorted()
    assert total["expected"].null_count() == 28
    assert total["z_score"].null_count() == 28
    assert not total["is_anomaly"].head(28).any()
    assert found.filter(pl.col("series") == "First").height == 32


def test_a_desk_without_tickets_has_no_days() -> None:
    """Empty, with all columns."""
    assert anomalies(None, {}).columns[:3] == ["series", "day", "measure"]

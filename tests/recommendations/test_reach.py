"""Better weeks are told from luck."""

import random
from datetime import timedelta

import polars as pl
import pytest

from control_tower.recommendations.reach import best_weeks_share, weeks_differ
from tests.recommendations.frames import WEDNESDAYS


def _weeks(happened: list[int], each: int = 20) -> pl.DataFrame:
    return pl.DataFrame(
        [
            (moment + timedelta(minutes=number), number < count)
            for moment, count in zip(WEDNESDAYS, happened, strict=False)
            for number in range(each)
        ],
        schema={"moment": pl.Datetime("us", "UTC"), "happened": pl.Boolean},
        orient="row",
    )


def test_best_weeks_are_the_best_quarter_taken_together() -> None:
    """Three of twelve weeks, from either end."""
    frame = _weeks([1, 2, 3, *[10] * 6, 17, 18, 19])
    assert best_weeks_share(frame, "moment", "happened", highest=True) == pytest.approx(54 / 60)
    assert best_weeks_share(frame, "moment", "happened", highest=False) == pytest.approx(6 / 60)


def test_few_or_thin_weeks_say_nothing() -> None:
    """Three weeks; twelve of four rows."""
    assert best_weeks_share(_weeks([1, 2, 3]), "moment", "happened", highest=True) is None
    assert best_weeks_share(_weeks([1] * 12, 4), "moment", "happened", highest=True) is None
    assert not weeks_differ(_weeks([0, 20, 0]), "moment", "happened")


def test_weeks_differ_only_beyond_chance() -> None:
    """Pearson's statistic is 0 for equal weeks, and 48 at 11 degrees for these."""
    assert not weeks_differ(_weeks([10] * 12), "moment", "happened")
    assert not weeks_differ(_weeks([0] * 12), "moment", "happened")
    assert weeks_differ(_weeks([14] * 6 + [6] * 6), "moment", "happened")


def test_chance_alone_is_called_a_difference_one_time_in_twenty() -> None:
    """Four hundred desks whose weeks differ by chance only."""
    draw = random.Random(11)  # noqa: S311
    called = sum(
        weeks_differ(
            _weeks([sum(draw.random() < 0.3 for _ in range(20)) for _ in range(12)]),
            "moment",
            "happened",
        )
        for _ in range(400)
    )
    assert 6 <= called <= 34

"""Worked by hand: 40 of 100 handovers come straight back after six hours."""

import polars as pl
import pytest

from control_tower.recommendations.period import Period
from control_tower.recommendations.rules.reduce_ping_pong import reduce_ping_pong
from tests.recommendations.frames import AS_OF, frame

HISTORY = Period(AS_OF.replace(month=4, day=2), AS_OF)
"""Sixty days."""


def _handovers(count: int, came_back: int) -> pl.DataFrame:
    return frame(
        "process_mining.handovers",
        [
            {
                "from_group": "Alpha",
                "to_group": "Beta",
                "count": count,
                "median_hours": 3.0,
                "came_back": came_back,
            },
            {
                "from_group": "Beta",
                "to_group": "Alpha",
                "count": came_back + 5,
                "median_hours": 6.0,
                "came_back": 2,
            },
        ],
    )


def test_fires_with_the_time_that_was_lost() -> None:
    """40 less 5 tolerated is 35 in 60 days, 17.5 a month, with Beta for six hours each."""
    (action,) = reduce_ping_pong(_handovers(100, 40), HISTORY)
    assert HISTORY.days == 60
    assert action.estimated_impact == pytest.approx(17.5)
    assert action.impact_hours == pytest.approx(105)
    assert action.owner_group == "Alpha"
    assert "40 - 5% of 100 = 35.0 handovers x 30 / 60 days = 17.5" in action.arithmetic
    assert [row.value for row in action.rows] == [40, 2]


@pytest.mark.parametrize(
    ("count", "came_back"),
    [(1000, 50), (500, 32), (60, 29)],
    ids=["as tolerated", "within chance", "few"],
)
def test_silent(count: int, came_back: int) -> None:
    """Some tickets turn out to be something else."""
    assert reduce_ping_pong(_handovers(count, came_back), HISTORY) == []


def test_silent_without_handovers() -> None:
    """One group, or none."""
    assert reduce_ping_pong(_handovers(100, 40).clear(), HISTORY) == []

"""Which week a briefing is about, and how it says that a figure moved."""

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from control_tower.recommendations.briefing.page import Change
from control_tower.recommendations.briefing.weeks import (
    Week,
    by_week,
    change_of,
    change_of_share,
    last_full_week,
)


@pytest.mark.parametrize(
    ("as_of", "monday"),
    [
        (datetime(2026, 6, 1, tzinfo=UTC), date(2026, 5, 25)),
        (datetime(2026, 6, 7, 23, 59, tzinfo=UTC), date(2026, 5, 25)),
        (datetime(2026, 6, 8, tzinfo=UTC), date(2026, 6, 1)),
        (datetime(2026, 1, 1, tzinfo=UTC), date(2025, 12, 22)),
    ],
)
def test_it_is_the_last_week_that_is_over(as_of: datetime, monday: date) -> None:
    """On a Monday the week just over; on a Sunday still the one before."""
    week = last_full_week(as_of)
    assert week.monday == monday
    assert week.monday.weekday() == 0
    assert week.before.sunday == week.monday - timedelta(days=1)


def test_weeks_are_read_with_the_year_once() -> None:
    """Within a month, across months, across years."""
    assert str(Week(date(2026, 6, 1))) == "1 to 7 June 2026"
    assert str(Week(date(2026, 6, 29))) == "29 June to 5 July 2026"
    assert str(Week(date(2025, 12, 29))) == "29 December 2025 to 4 January 2026"


def test_figures_by_week_have_gaps_where_there_are_no_rows() -> None:
    """Sunday's last second belongs to the week, Monday's first does not."""
    week = Week(date(2026, 6, 1))
    moments = [
        datetime(2026, 6, 1, tzinfo=UTC),
        datetime(2026, 6, 7, 23, 59, 59, tzinfo=UTC),
        datetime(2026, 6, 8, tzinfo=UTC),
        datetime(2026, 5, 20, tzinfo=UTC),
    ]
    frame = pl.DataFrame({"at": moments, "value": [1, 3, 100, 7]})
    values = by_week(frame, "at", pl.col("value").mean(), week)
    assert values == [None] * 10 + [7, None, 2]


def test_changes_are_said_in_their_unit_and_judged() -> None:
    """Up is good for ratings, bad for cycle time, neither for volume."""
    assert change_of([1.0, 1.5], "up", "points") == Change("up 0.50 points", "better")
    assert change_of([10.0, 12.5], "down", "hours") == Change("up 2.5 h", "worse")
    assert change_of([24.0, 96.0], "down", "hours") == Change("up 3.0 days", "worse")
    assert change_of([100, 80], "neither", "percent") == Change("down 20%", "neutral")
    assert change_of([100, 95], "down", "count") == Change("down 5", "better")
    assert change_of([100, 96], "down", "count") == Change("down 4", "neutral")
    assert change_of([100, 100], "down", "count") == Change("no change")
    assert change_of([1.001, 1.0], "up", "points") == Change("no change")


def test_nothing_to_compare_with_is_no_change() -> None:
    """No week before, or none with a figure; per cent of nothing."""
    assert change_of([1.0], "up", "points") is None
    assert change_of([None, 1.0], "up", "points") is None
    assert change_of([0.0, 5.0], "neither", "percent") is None
    assert change_of_share((0.5, 10), (0.0, 0), "up") is None


def test_shares_that_chance_explains_are_marked() -> None:
    """Ten points are much of a thousand tickets and nothing of thirty."""
    assert change_of_share((0.9, 1000), (0.8, 1000), "up") == Change("up 10.0 points", "better")
    assert change_of_share((0.9, 1000), (0.8, 1000), "down") == Change("up 10.0 points", "worse")
    assert change_of_share((0.8, 30), (0.9, 30), "up") == Change("down 10.0 points, within chance")
    assert change_of_share((0.8, 30), (0.8, 30), "up") == Change("no change")

"""The week a briefing is about, the one before it, and figures by week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

import polars as pl

from control_tower.presentation import readable_hours
from control_tower.recommendations.briefing.page import Change
from control_tower.recommendations.statistics import difference_interval, z_score

__all__ = [
    "SHOWN_WEEKS",
    "Week",
    "by_week",
    "change_of",
    "change_of_share",
    "last_full_week",
]

SHOWN_WEEKS = 13
_UNCHANGED = Change("no change")
_SMALLEST_SHARE_CHANGE = 0.0005
_SMALL_MOVE = 0.05


@dataclass(frozen=True)
class Week:
    """A Monday-to-Sunday week in UTC."""

    monday: date

    @property
    def sunday(self) -> date:
        """Its last day."""
        return self.monday + timedelta(days=6)

    @property
    def before(self) -> "Week":
        """The week before it."""
        return Week(self.monday - timedelta(days=7))

    def holds(self, moment: str) -> pl.Expr:
        """Return whether the moments of a column lie in the week."""
        start = datetime.combine(self.monday, time(), tzinfo=UTC)
        return pl.col(moment).is_between(start, start + timedelta(days=7), closed="left")

    def holds_day(self, day: str) -> pl.Expr:
        """Return whether the days of a column lie in the week."""
        return pl.col(day).is_between(self.monday, self.sunday)

    def __str__(self) -> str:
        """Return its days as they are read, the year once."""
        first, last = self.monday, self.sunday
        if first.year != last.year:
            return f"{first.day} {first:%B %Y} to {last.day} {last:%B %Y}"
        if first.month != last.month:
            return f"{first.day} {first:%B} to {last.day} {last:%B %Y}"
        return f"{first.day} to {last.day} {last:%B %Y}"


def last_full_week(as_of: datetime) -> Week:
    """Return the last Monday-to-Sunday week that was over at the tower's clock."""
    today = as_of.astimezone(UTC).date()
    return Week(today - timedelta(days=today.weekday() + 7))


def by_week(frame: pl.DataFrame, moment: str, figure: pl.Expr, week: Week) -> list[float | None]:
    """Return a figure for each of the last thirteen weeks, oldest first; None for one without rows.

    Args:
        frame: Rows with a moment or day each.
        moment: Name of that column.
        figure: An aggregation of the rows of a week.
        week: The last week.
    """
    mondays = [week.monday - timedelta(days=7 * back) for back in range(SHOWN_WEEKS - 1, -1, -1)]
    found = (
        frame.lazy()
        .with_columns(monday=pl.col(moment).dt.truncate("1w").cast(pl.Date))
        .filter(pl.col("monday").is_between(mondays[0], mondays[-1]))
        .group_by("monday")
        .agg(figure=figure.cast(pl.Float64))
        .collect()
    )
    values: dict[date, float | None] = dict(found.iter_rows())
    return [values.get(monday) for monday in mondays]


def change_of(
    values: Sequence[float | None],
    good: Literal["up", "down", "neither"],
    unit: Literal["percent", "points", "count", "hours"],
) -> Change | None:
    """Return how the last of several weekly figures differs from the one before; None if unknown.

    Moves by less than a twentieth are neither good nor bad.

    Args:
        values: The figure by week, oldest first.
        good: Which way is better.
        unit: How to say it: in per cent of the week before, in points, as a count or in hours.
    """
    if len(values) < 2:
        return None
    now, before = values[-1], values[-2]
    if now is None or before is None:
        return None
    difference = now - before
    if unit == "percent":
        if before == 0:
            return None
        size = f"{abs(difference) / abs(before):.0%}"
    elif unit == "points":
        size = f"{abs(difference):.2f} points"
    elif unit == "hours":
        size = readable_hours(abs(difference))
    else:
        size = f"{abs(difference):,.0f}"
    if not any(digit in size for digit in "123456789"):
        return _UNCHANGED
    # A small move is told, but neither praised nor blamed.
    is_small = abs(difference) < _SMALL_MOVE * abs(before)
    return _moved(size, difference, "neither" if is_small else good)


def change_of_share(
    now: tuple[float, int], before: tuple[float, int], good: Literal["up", "down"]
) -> Change | None:
    """Return how a share differs from the week before; a change chance explains is said to be so.

    Args:
        now: The share as a fraction of one, and how many tickets it is of.
        before: The same of the week before.
        good: Which way is better.
    """
    if not now[1] or not before[1]:
        return None
    difference = now[0] - before[0]
    if abs(difference) < _SMALLEST_SHARE_CHANGE:
        return _UNCHANGED
    interval = difference_interval(
        now[0] * now[1], now[1], before[0] * before[1], before[1], z_score()
    )
    size = f"{abs(difference) * 100:.1f} points"
    if interval.lower <= 0 <= interval.upper:
        return Change(f"{'up' if difference > 0 else 'down'} {size}, within chance")
    return _moved(size, difference, good)


def _moved(size: str, difference: float, good: Literal["up", "down", "neither"]) -> Change:
    way = "up" if difference > 0 else "down"
    if good == "neither":
        return Change(f"{way} {size}")
    return Change(f"{way} {size}", "better" if way == good else "worse")

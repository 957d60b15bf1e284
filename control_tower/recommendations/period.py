"""The stretch of history the rules look at, and how its counts become counts a month."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

__all__ = ["DAYS_PER_MONTH", "WINDOW_DAYS", "Period", "recent"]

WINDOW_DAYS = 90
DAYS_PER_MONTH = 30
_SECONDS_PER_DAY = 86_400


@dataclass(frozen=True)
class Period:
    """From a moment to another, and how many days lie between."""

    start: datetime
    end: datetime

    @property
    def days(self) -> float:
        """Length in days, at least one."""
        return max(1.0, (self.end - self.start).total_seconds() / _SECONDS_PER_DAY)

    def per_month(self, count: float) -> float:
        """Return a count of this period as one of thirty days."""
        return count * DAYS_PER_MONTH / self.days

    def holds(self, moment: str) -> pl.Expr:
        """Return whether the moments of a column lie in the period, its end left out."""
        return pl.col(moment).is_between(self.start, self.end, closed="left")


def recent(as_of: datetime, first: datetime | None, window_days: int = WINDOW_DAYS) -> Period:
    """Return the last days before the tower's clock, no more than the source has.

    Args:
        as_of: The tower's clock.
        first: The source's first moment; None if it has none.
        window_days: How many days at most.
    """
    start = as_of - timedelta(days=window_days)
    return Period(min(as_of, max(start, first)) if first else start, as_of)

"""Open time so far at any moment: one look-up of the last opening before it.

What a schedule's clock shows is the open time before the last opening, plus what has passed since;
open time between two moments is the difference of two readings. See docs/explanation/sla-clocks.md.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["NO_SCHEDULE", "OpeningHours", "clock_readings", "opening_hours_of"]

Integers: TypeAlias = npt.NDArray[np.int64]

NO_SCHEDULE: Final = -1
"""The number of no schedule, or of one that never opens."""

_MICROSECONDS_PER_MINUTE: Final = 60_000_000
_LONG_AGO: Final = -(2**62)


@dataclass(frozen=True)
class OpeningHours:
    """The opening hours of all schedules, one entry an opening, in order of schedule and time.

    Attributes:
        schedule_ids: The schedules' keys, in order; a schedule's number is its place here.
        opens_at: Microseconds since 1970 in UTC.
        closes_at: The same.
        open_before: Open time of the schedule before this opening, microseconds.
        first_opening: Place of each schedule's first opening, and behind the last the end.
    """

    schedule_ids: pl.Series
    opens_at: Integers
    closes_at: Integers
    open_before: Integers
    first_opening: Integers

    def numbers_of(self, schedule_ids: pl.Series) -> Integers:
        """Return the numbers of schedules by their keys; `NO_SCHEDULE` where there is none."""
        known = self.schedule_ids.to_frame("schedule_id").with_row_index("number")
        numbers = schedule_ids.to_frame("schedule_id").join(
            known, on="schedule_id", how="left", maintain_order="left"
        )["number"]
        found: Integers = numbers.cast(pl.Int64).fill_null(NO_SCHEDULE).to_numpy()
        return found

    def open_time(self, schedules: Integers, moments: Integers) -> Integers:
        """Return the open time before each moment; 0 before the first opening and for no schedule.

        Args:
            schedules: Number of the schedule that each moment is looked up in.
            moments: Microseconds since 1970 in UTC.
        """
        shown = np.zeros(len(moments), dtype=np.int64)
        for number in range(len(self.schedule_ids)):
            chosen = np.flatnonzero(schedules == number)
            first, end = self.first_opening[number : number + 2]
            opens_at, closes_at = self.opens_at[first:end], self.closes_at[first:end]
            asked = moments[chosen]
            # Before the first opening the clock stands still, as after one that ended long ago.
            ended = np.append(_LONG_AGO, closes_at)
            shift = np.append(-_LONG_AGO, self.open_before[first:end] - opens_at)
            last = np.searchsorted(opens_at, asked, side="right")
            shown[chosen] = np.minimum(asked, ended[last]) + shift[last]
        return shown

    def closed_time(self, schedules: Integers, moments: Integers) -> Integers:
        """Return how long in all each schedule is closed around each moment, in microseconds.

        0 while it is open, before its first opening, after its last, and for no schedule.

        Args:
            schedules: Number of the schedule that each moment is looked up in.
            moments: Microseconds since 1970 in UTC.
        """
        closed = np.zeros(len(moments), dtype=np.int64)
        for number in range(len(self.schedule_ids)):
            chosen = np.flatnonzero(schedules == number)
            first, end = self.first_opening[number : number + 2]
            asked = moments[chosen]
            following = first + np.searchsorted(self.opens_at[first:end], asked, side="right")
            before, after = np.maximum(following - 1, first), np.minimum(following, end - 1)
            is_between = (following > first) & (following < end) & (asked >= self.closes_at[before])
            length = self.opens_at[after] - self.closes_at[before]
            closed[chosen] = np.where(is_between, length, 0)
        return closed


def opening_hours_of(open_intervals: pl.DataFrame) -> OpeningHours:
    """Return opening hours ready for look-ups.

    Args:
        open_intervals: schedule_id, opens_at, closes_at, open_minutes_before.
    """
    ordered = open_intervals.sort("schedule_id", "opens_at")
    schedules = ordered.group_by("schedule_id", maintain_order=True).len()
    before = (ordered["open_minutes_before"] * _MICROSECONDS_PER_MINUTE).round().cast(pl.Int64)
    return OpeningHours(
        schedule_ids=schedules["schedule_id"],
        opens_at=_microseconds(ordered["opens_at"]).to_numpy(),
        closes_at=_microseconds(ordered["closes_at"]).to_numpy(),
        open_before=before.to_numpy(),
        first_opening=np.append(0, np.cumsum(schedules["len"])).astype(np.int64),
    )


def clock_readings(moments: pl.DataFrame, open_intervals: pl.DataFrame) -> pl.Series:
    """Return what clocks show at given moments, so that elapsed time is a difference of two.

    A clock that keeps a schedule shows the open time of that schedule so far, which is nought
    before its first opening; one without a schedule shows time itself. The same definition as
    the `clock_reading` macro of the dbt project.

    Args:
        moments: Columns schedule_id (null for clocks that run by the calendar) and moment.
        open_intervals: Columns schedule_id, opens_at, closes_at and open_minutes_before.

    Returns:
        Microseconds, in the order of `moments`; null where the moment is.
    """
    hours = opening_hours_of(open_intervals)
    moment = _microseconds(moments["moment"])
    shown = hours.open_time(
        hours.numbers_of(moments["schedule_id"]), moment.fill_null(0).to_numpy()
    )
    by_calendar = moments["schedule_id"].is_null()
    reading = pl.when(by_calendar).then(moment).when(moment.is_not_null()).then(pl.Series(shown))
    return moments.select(reading.alias("reading")).to_series()


def _microseconds(moments: pl.Series) -> pl.Series:
    return moments.dt.cast_time_unit("us").to_physical()

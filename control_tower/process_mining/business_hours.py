"""Opening hours between two moments, as one look-up a moment.

What a schedule's clock shows at a moment is the open time before the last opening, plus what has
passed since; time between two moments is the difference of two readings. See docs/sla-clocks.md.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from control_tower.process_mining.event_log import EventLog, Integers

__all__ = ["BusinessClock", "business_clock_of", "schedule_of_tickets"]

_MICROSECONDS_PER_MINUTE: Final = 60_000_000
NO_SCHEDULE: Final = -1


@dataclass(frozen=True)
class BusinessClock:
    """The opening hours of all schedules, and which schedule each ticket of a log is on.

    Attributes:
        openings: opens_at, closes_at and open_before, microseconds, in order of schedule and
            opening; schedule is its number.
        first_opening: Place of each schedule's first opening, and behind the last the end.
        of_ticket: Number of each ticket's schedule; -1 without one.
    """

    opens_at: Integers
    closes_at: Integers
    open_before: Integers
    first_opening: Integers
    of_ticket: Integers

    @property
    def is_kept(self) -> bool:
        """Whether any ticket is on a schedule."""
        return bool((self.of_ticket != NO_SCHEDULE).any())

    def readings(self, tickets: Integers, moments: Integers) -> Integers:
        """Return the microseconds each ticket's clock shows at a moment; 0 without a schedule.

        Args:
            tickets: Places of tickets in the log.
            moments: Moments, microseconds since 1970 in UTC.
        """
        shown = np.zeros(len(moments), dtype=np.int64)
        schedules = self.of_ticket[tickets]
        for number in np.unique(self.of_ticket):
            if number == NO_SCHEDULE:
                continue
            of_schedule = slice(self.first_opening[number], self.first_opening[number + 1])
            chosen = np.flatnonzero(schedules == number)
            shown[chosen] = _open_time_before(
                moments[chosen],
                self.opens_at[of_schedule],
                self.closes_at[of_schedule],
                self.open_before[of_schedule],
            )
        return shown


def schedule_of_tickets(
    tickets: pl.Series,
    schedules: pl.DataFrame,
    ticket_schedules: pl.DataFrame,
) -> pl.Series:
    """Return the schedule of each ticket: the latest one set, else the desk's default, else null.

    Args:
        tickets: Tickets' keys.
        schedules: schedule_id, is_default.
        ticket_schedules: ticket_id, schedule_id, effective_from.
    """
    latest = ticket_schedules.group_by("ticket_id").agg(
        pl.col("schedule_id").sort_by("effective_from").last()
    )
    default = schedules.filter("is_default")["schedule_id"].min()
    return (
        tickets.to_frame("ticket_id")
        .join(latest, on="ticket_id", how="left", maintain_order="left")
        .get_column("schedule_id")
        .fill_null(pl.lit(default, dtype=pl.Int64))
    )


def business_clock_of(
    log: EventLog,
    open_intervals: pl.DataFrame,
    schedules: pl.DataFrame,
    ticket_schedules: pl.DataFrame,
) -> BusinessClock:
    """Return the clock that tells the opening hours of a log's tickets.

    A ticket whose schedule has no opening hours has no business time.

    Args:
        log: The log.
        open_intervals: schedule_id, opens_at, closes_at, open_minutes_before.
        schedules: schedule_id, is_default.
        ticket_schedules: ticket_id, schedule_id, effective_from.
    """
    ordered = open_intervals.sort("schedule_id", "opens_at")
    known = ordered["schedule_id"].unique().sort()
    counts = ordered.group_by("schedule_id").len().sort("schedule_id")["len"].to_numpy()
    ids = schedule_of_tickets(log.tickets["ticket_id"], schedules, ticket_schedules)
    numbers = known.to_frame("schedule_id").with_row_index("number")
    of_ticket = (
        ids.to_frame("schedule_id")
        .join(numbers, on="schedule_id", how="left", maintain_order="left")
        .get_column("number")
        .cast(pl.Int64)
        .fill_null(NO_SCHEDULE)
    )
    before = (ordered["open_minutes_before"] * _MICROSECONDS_PER_MINUTE).round().cast(pl.Int64)
    return BusinessClock(
        opens_at=_microseconds(ordered["opens_at"]),
        closes_at=_microseconds(ordered["closes_at"]),
        open_before=before.to_numpy(),
        first_opening=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        of_ticket=of_ticket.to_numpy(),
    )


def _microseconds(moments: pl.Series) -> Integers:
    found: npt.NDArray[np.int64] = moments.dt.cast_time_unit("us").to_physical().to_numpy()
    return found


def _open_time_before(
    moments: Integers, opens_at: Integers, closes_at: Integers, open_before: Integers
) -> Integers:
    last = np.searchsorted(opens_at, moments, side="right") - 1
    found = np.maximum(last, 0)
    since = np.minimum(moments, closes_at[found]) - opens_at[found]
    return np.where(last < 0, 0, open_before[found] + since)

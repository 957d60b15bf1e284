"""Opening hours between two events of a ticket, by the schedule it is on."""

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from control_tower.open_time import NO_SCHEDULE, OpeningHours, opening_hours_of
from control_tower.process_mining.event_log import EventLog, Integers

__all__ = ["BusinessClock", "business_clock_of", "schedule_of_tickets"]


@dataclass(frozen=True)
class BusinessClock:
    """The opening hours of all schedules, and which schedule each ticket of a log is on.

    Attributes:
        log: The log.
        hours: The opening hours.
        of_ticket: Number of each ticket's schedule; -1 without one.
    """

    log: EventLog
    hours: OpeningHours
    of_ticket: Integers

    @property
    def is_kept(self) -> bool:
        """Whether any ticket is on a schedule."""
        return bool((self.of_ticket != NO_SCHEDULE).any())

    # Stays and steps ask for these, so that they are worked out once a log.
    @cached_property
    def at_events(self) -> Integers:
        """What each event's clock shows when it happens, as `readings` tells it."""
        return self.readings(self.log.case_of_event, self.log.moment)

    def readings(self, tickets: Integers, moments: Integers) -> Integers:
        """Return the microseconds each ticket's clock shows at a moment; 0 without a schedule.

        Args:
            tickets: Places of tickets in the log.
            moments: Moments, microseconds since 1970 in UTC.
        """
        return self.hours.open_time(self.of_ticket[tickets], moments)


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
    hours = opening_hours_of(open_intervals)
    ids = schedule_of_tickets(log.tickets["ticket_id"], schedules, ticket_schedules)
    return BusinessClock(log, hours, hours.numbers_of(ids))

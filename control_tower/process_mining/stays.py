"""Stays: how long a group holds a ticket without a break, and what becomes of it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from control_tower.process_mining.business_hours import BusinessClock
from control_tower.process_mining.event_log import SETTLED, Codes, EventLog, Integers

__all__ = ["Stays", "stays_of"]


@dataclass(frozen=True)
class Stays:
    """Stretches of a ticket's life with one group, ticket by ticket in order.

    Attributes:
        ticket: Place of the ticket in the log.
        group: Code of the group; -1 while nobody holds the ticket.
        time: Microseconds in which there was work to do, by the calendar.
        business_time: The same in the ticket's opening hours; None where no ticket has any.
        rest: Microseconds at rest: solved, and not yet closed.
        is_on_schedule: Whether the ticket keeps opening hours.
    """

    ticket: Integers
    group: Integers
    time: Integers
    business_time: Integers | None
    rest: Integers
    is_on_schedule: npt.NDArray[np.bool_]

    def held(self) -> "Stays":
        """Return the stays in which a group held the ticket, as if there were no others."""
        kept = np.flatnonzero(self.group >= 0)
        begins = np.flatnonzero(_is_other(self.group[kept], self.ticket[kept]))
        business = self.business_time
        return Stays(
            ticket=self.ticket[kept][begins],
            group=self.group[kept][begins],
            time=_sum_by(self.time[kept], begins),
            business_time=None if business is None else _sum_by(business[kept], begins),
            rest=_sum_by(self.rest[kept], begins),
            is_on_schedule=self.is_on_schedule[kept][begins],
        )


def stays_of(log: EventLog, clock: BusinessClock | None = None) -> Stays:
    """Return the stays of a log's tickets.

    A stay begins with the event that brings the ticket to the group and ends with the one that
    takes it away, or with the last event. While a ticket is still to be worked on, its last stay
    goes on to the tower's clock; where the ticket is known to be at rest though the log does not
    say so, to the moment it came to rest.
    """
    cases = log.case_of_event
    ends = np.append(log.moment[1:], 0)
    last = log.starts[1:] - 1
    ends[last] = _ends(log, last)
    begins = np.flatnonzero(_is_other(log.group, cases))
    working = ~log.is_settled
    time = ends - log.moment
    rest = np.where(working, 0, time)
    rest[last] = 0
    business = None
    if clock is not None and clock.is_kept:
        passed = clock.readings(cases, ends) - clock.readings(cases, log.moment)
        business = _sum_by(np.where(working, passed, 0), begins)
    return Stays(
        ticket=cases[begins],
        group=log.group[begins].astype(np.int64),
        time=_sum_by(np.where(working, time, 0), begins),
        business_time=business,
        rest=_sum_by(rest, begins),
        is_on_schedule=(
            np.zeros(len(begins), dtype=np.bool_)
            if clock is None
            else clock.of_ticket[cases[begins]] >= 0
        ),
    )


def _ends(log: EventLog, last: Integers) -> Integers:
    """Return when the state after each ticket's last event ended."""
    tickets = log.tickets
    moments = log.moment[last]
    settled_at = tickets["solved_at"].fill_null(tickets["closed_at"])
    at_rest_from = settled_at.dt.cast_time_unit("us").to_physical()
    is_at_rest = tickets["status"].is_in(SETTLED) & at_rest_from.is_not_null()
    now = moments if log.as_of is None else np.full(len(last), log.as_of)
    # Of a ticket with no status at all, nothing is known beyond its last event.
    now = np.where(tickets["status"].is_null().to_numpy(), moments, now)
    ends = np.where(is_at_rest.fill_null(value=False).to_numpy(), at_rest_from.fill_null(0), now)
    not_before: Integers = np.maximum(ends, moments)
    return not_before


def _is_other(group: Codes, cases: Integers) -> npt.NDArray[np.bool_]:
    is_other = np.ones(len(group), dtype=np.bool_)
    is_other[1:] = (group[1:] != group[:-1]) | (cases[1:] != cases[:-1])
    return is_other


def _sum_by(values: Integers, begins: Integers) -> Integers:
    total = np.concatenate(([0], np.cumsum(values)))
    ends = np.append(begins[1:], len(values))
    sums: Integers = total[ends] - total[begins]
    return sums

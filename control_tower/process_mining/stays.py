"""Stays: how long a group holds a ticket without a break, and what becomes of it."""

from dataclasses import dataclass

import numpy as np

from control_tower.process_mining.business_hours import BusinessClock
from control_tower.process_mining.event_log import SETTLED, Codes, EventLog, Flags, Integers

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
    is_on_schedule: Flags

    def held(self) -> "Stays":
        """Return the stays in which a group held the ticket, as if there were no others."""
        kept = np.flatnonzero(self.group >= 0)
        begins = np.flatnonzero(_is_other(self.group[kept], self.ticket[kept]))
        return self.summed(kept, begins)

    def summed(self, order: Integers, begins: Integers) -> "Stays":
        """Return the stays at these places as one each from one beginning to the next."""
        business = self.business_time
        first = order[begins]
        return Stays(
            ticket=self.ticket[first],
            group=self.group[first],
            time=_sum_by(self.time[order], begins),
            business_time=None if business is None else _sum_by(business[order], begins),
            rest=_sum_by(self.rest[order], begins),
            is_on_schedule=self.is_on_schedule[first],
        )


def stays_of(log: EventLog, clock: BusinessClock | None = None) -> Stays:
    """Return the stays of a log's tickets.

    A stay begins with the event that brings the ticket to the group and ends with the one that
    takes it away, or with the last event. While a ticket is still to be worked on, its last stay
    goes on to the tower's clock; where the ticket is known to be at rest though the log does not
    say so, to the moment it came to rest.
    """
    cases = log.case_of_event
    last = log.starts[1:] - 1
    ends = _ends(log, last)
    begins = np.flatnonzero(_is_other(log.group, cases))
    if clock is None or not clock.is_kept:
        business = None
    else:
        shown = clock.at_events
        shown_at_end = clock.readings(np.arange(len(last)), ends)
        business, _ = _work_and_rest(log, begins, shown, shown_at_end)
    work, rest = _work_and_rest(log, begins, log.moment, ends)
    return Stays(
        ticket=cases[begins],
        group=log.group[begins].astype(np.int64),
        time=work,
        business_time=business,
        rest=rest,
        is_on_schedule=(
            np.zeros(len(begins), dtype=np.bool_)
            if clock is None
            else clock.of_ticket[cases[begins]] >= 0
        ),
    )


def _work_and_rest(
    log: EventLog, begins: Integers, shown: Integers, shown_at_end: Integers
) -> tuple[Integers, Integers]:
    """Return how long each stay was work, and how long rest that another event ended.

    Args:
        log: The log.
        begins: Place of the event each stay begins with.
        shown: What a clock showed at each event.
        shown_at_end: What it showed when the state after each ticket's last event ended.
    """
    if len(shown) == 0:
        return shown, shown
    passed = np.append(np.diff(shown), 0)
    # Rest after a ticket's last event is nobody's wait: it is neither work nor counted as rest.
    rest = _sum_by(passed * (log.is_settled & log.is_followed), begins)
    last_of_stay = np.append(begins[1:], len(shown)) - 1
    left_at = shown[np.minimum(last_of_stay + 1, len(shown) - 1)]
    is_last = ~log.is_followed[last_of_stay]
    last = log.starts[1:] - 1
    left_at[is_last] = np.where(log.is_settled[last], shown[last], shown_at_end)
    return left_at - shown[begins] - rest, rest


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


def _is_other(group: Codes, cases: Integers) -> Flags:
    is_other = np.ones(len(group), dtype=np.bool_)
    is_other[1:] = (group[1:] != group[:-1]) | (cases[1:] != cases[:-1])
    return is_other


def _sum_by(values: Integers, begins: Integers) -> Integers:
    sums: Integers = np.add.reduceat(values, begins) if len(begins) else values[:0]
    return sums

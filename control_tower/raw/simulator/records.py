"""What the event loop writes down as it goes."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from control_tower.raw.simulator.random_numbers import compiled

__all__ = ["Desk", "Log", "new_log", "record"]


class Log(NamedTuple):
    """Rows written so far; `size[0]` counts on where there was no room for more."""

    rows: NDArray[np.int32]
    size: NDArray[np.int64]


class Desk(NamedTuple):
    """Where every ticket and every agent stands.

    Attributes:
        group, priority, status: Codes of each ticket as it stands.
        holder: Agent who holds each ticket; -1 if nobody does.
        visits: How often each ticket was taken up.
        reopens: How often each ticket was reopened.
        outcome: What comes of the work under way.
        was_asked, was_held: Whether the customer was asked something; whether it was on hold.
        written: Events of each ticket so far.
        stretch: The stretch of working time each agent is in or was in last; -1 before the first.
        busy_with: Ticket each agent works on; -1 if none.
        idle_since: Second since when each agent has waited for a ticket.
        owed: Seconds each agent worked beyond a stretch and has yet to take back.
    """

    group: NDArray[np.int8]
    priority: NDArray[np.int8]
    status: NDArray[np.int8]
    holder: NDArray[np.int32]
    visits: NDArray[np.int16]
    reopens: NDArray[np.int16]
    outcome: NDArray[np.int8]
    was_asked: NDArray[np.bool_]
    was_held: NDArray[np.bool_]
    written: NDArray[np.int16]
    stretch: NDArray[np.int64]
    busy_with: NDArray[np.int64]
    idle_since: NDArray[np.int64]
    owed: NDArray[np.int64]


def new_log(capacity: int, columns: int) -> Log:
    """Return an empty log with room for that many rows."""
    return Log(np.empty((capacity, columns), dtype=np.int32), np.zeros(1, dtype=np.int64))


@compiled
def record(
    log: Log,
    desk: Desk,
    ticket: int,
    second: int,
    activity: int,
    status: int,
    agent: int,
    actor: int,
    is_public: bool,
    is_kept: bool,
) -> None:
    """Write an event of a ticket, if it is one of those kept; count it in any case."""
    desk.written[ticket] += 1
    if not is_kept:
        return
    if log.size[0] >= len(log.rows):
        log.size[0] += 1
        return
    row = log.rows[log.size[0]]
    row[0] = ticket
    row[1] = second
    row[2] = activity
    row[3] = status
    row[4] = desk.priority[ticket]
    row[5] = desk.group[ticket]
    row[6] = agent
    row[7] = actor
    row[8] = is_public
    row[9] = desk.written[ticket]
    log.size[0] += 1

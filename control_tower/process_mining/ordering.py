"""Events brought into the order in which they happened, ticket by ticket."""

from typing import Final, NamedTuple

import numpy as np
import polars as pl

from control_tower.process_mining.gathering import Integers, are_dense, gathered

__all__ = ["OrderedEvents", "ordered_events"]

_HIGHEST: Final = np.iinfo(np.int64).max


class OrderedEvents(NamedTuple):
    """Events in order.

    Attributes:
        place: Where each event was.
        moment: When it happened.
        starts: Place of each ticket's first event, and behind the last ticket the end.
    """

    place: Integers
    moment: Integers
    starts: Integers


def ordered_events(ticket_id: Integers, moment: Integers, event_id: Integers) -> OrderedEvents:
    """Return events in order of ticket, moment and key.

    A log mostly comes in order of time or of its keys, so that gathering the tickets without
    moving events past each other is all there is to do; only if that was not enough are they
    sorted by all three.
    """
    ordered = _gathered(ticket_id, moment)
    if ordered is not None and _is_in_order(ordered, event_id):
        return ordered
    keys = pl.DataFrame({"ticket": ticket_id, "moment": moment, "event": event_id})
    sorted_keys = keys.with_row_index("place").sort("ticket", "moment", "event")
    place = sorted_keys["place"].cast(pl.Int64).to_numpy()
    return OrderedEvents(place, moment[place], _starts(ticket_id[place]))


def _starts(tickets: Integers) -> Integers:
    changes = np.flatnonzero(tickets[1:] != tickets[:-1]) + 1
    first = np.zeros(min(len(tickets), 1), dtype=np.int64)
    return np.concatenate((first, changes, [len(tickets)])).astype(np.int64)


def _gathered(ticket_id: Integers, moment: Integers) -> OrderedEvents | None:
    """Return the events by ticket, in the order given within; None if keys lie too far apart."""
    lowest = int(ticket_id.min(initial=_HIGHEST))
    highest = int(ticket_id.max(initial=lowest)) - lowest
    if not are_dense(highest, len(ticket_id)):
        return None
    found = gathered(ticket_id - lowest, highest + 1, moment)
    begins = found.starts[:-1][found.starts[1:] > found.starts[:-1]]
    starts = np.append(begins, len(ticket_id)).astype(np.int64)
    return OrderedEvents(found.place.astype(np.int64), found.values, starts)


def _is_in_order(ordered: OrderedEvents, event_id: Integers) -> bool:
    passed = np.diff(ordered.moment)
    passed[ordered.starts[1:-1] - 1] = 1
    if len(passed) and int(passed.min()) < 0:
        return False
    tied = np.flatnonzero(passed == 0)
    return bool((event_id[ordered.place[tied + 1]] > event_id[ordered.place[tied]]).all())

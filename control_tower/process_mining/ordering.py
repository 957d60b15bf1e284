"""Events brought into the order in which they happened, ticket by ticket."""

from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

__all__ = ["Integers", "OrderedEvents", "ordered_events"]

Integers: TypeAlias = npt.NDArray[np.int64]

_SIGNED_BITS: Final = 63


class OrderedEvents(NamedTuple):
    """Events in order.

    Attributes:
        place: Where each event was.
        ticket_id: Its ticket.
        moment: When it happened.
        starts: Place of each ticket's first event, and behind the last ticket the end.
    """

    place: Integers
    ticket_id: Integers
    moment: Integers
    starts: Integers


def ordered_events(ticket_id: Integers, moment: Integers, event_id: Integers) -> OrderedEvents:
    """Return events in order of ticket, moment and key.

    A log mostly comes in order of time or of its keys, so that gathering the tickets without
    moving events past each other is all there is to do; only if that was not enough are they
    sorted by all three.
    """
    place = _gathered(ticket_id)
    if place is not None:
        ordered = _ordered(place, ticket_id, moment)
        if _is_in_order(ordered, event_id):
            return ordered
    keys = pl.DataFrame({"ticket": ticket_id, "moment": moment, "event": event_id})
    sorted_keys = keys.with_row_index("place").sort("ticket", "moment", "event")
    return _ordered(sorted_keys["place"].cast(pl.Int64).to_numpy(), ticket_id, moment)


def _ordered(place: Integers, ticket_id: Integers, moment: Integers) -> OrderedEvents:
    tickets = ticket_id[place]
    is_first = np.ones(len(place), dtype=np.bool_)
    is_first[1:] = tickets[1:] != tickets[:-1]
    starts = np.append(np.flatnonzero(is_first), len(place)).astype(np.int64)
    return OrderedEvents(place, tickets, moment[place], starts)


def _gathered(ticket_id: Integers) -> Integers | None:
    """Return the places of events by ticket, in the order given within.

    None if tickets' keys lie too far apart for key and place to fit into one number; sorting one
    number is several times faster than sorting two.
    """
    lowest, highest = int(ticket_id.min(initial=0)), int(ticket_id.max(initial=0))
    bits_of_place = len(ticket_id).bit_length()
    if (highest - lowest).bit_length() + bits_of_place > _SIGNED_BITS:
        return None
    packed = (ticket_id - lowest) << bits_of_place
    packed += np.arange(len(ticket_id))
    packed.sort()
    packed &= (1 << bits_of_place) - 1
    return packed


def _is_in_order(ordered: OrderedEvents, event_id: Integers) -> bool:
    passed = np.diff(ordered.moment)
    passed[ordered.starts[1:-1] - 1] = 1
    if len(passed) and int(passed.min()) < 0:
        return False
    tied = np.flatnonzero(passed == 0)
    return bool((event_id[ordered.place[tied + 1]] > event_id[ordered.place[tied]]).all())

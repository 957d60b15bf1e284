"""Events in order, texts in codes, tickets in slices."""

import random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from control_tower.process_mining.event_log import event_log_of
from control_tower.process_mining.ordering import ordered_events
from tests.examples import examples
from tests.process_mining.desks import Desk, desks, event_frame, events_in_order, log_of

WIDE = st.integers(1, 2**62)


@given(desks())
@settings(max_examples=examples(35), deadline=None)
def test_order_is_that_of_time_and_key(desk: Desk) -> None:
    """Whatever order the rows come in, activities come out ticket by ticket in order."""
    expected = [e.activity for events in events_in_order(desk.events).values() for e in events]
    shuffled = random.Random(1).sample(desk.events, len(desk.events))  # noqa: S311
    for rows in (desk.events, shuffled, sorted(desk.events, key=lambda e: e.occurred_at)):
        log = log_of(rows, desk.tickets)
        assert log.activities.gather(log.activity.astype(np.int64)).to_list() == expected


@given(st.lists(st.tuples(st.one_of(st.integers(1, 3), WIDE), st.integers(0, 3)), max_size=30))
@settings(max_examples=examples(100), deadline=None)
def test_keys_of_any_size(rows: list[tuple[int, int]]) -> None:
    """Tickets whose keys do not fit into one number with a place are sorted all the same."""
    tickets = np.array([ticket for ticket, _ in rows], dtype=np.int64)
    moments = np.array([moment for _, moment in rows], dtype=np.int64)
    events = np.arange(len(rows), 0, -1, dtype=np.int64)
    found = ordered_events(tickets, moments, events)
    expected = sorted(range(len(rows)), key=lambda n: (tickets[n], moments[n], events[n]))
    assert found.place.tolist() == expected
    assert found.starts.tolist()[-1] == len(rows)
    assert len(found.starts) == len(set(tickets.tolist())) + 1


def test_a_bare_log_is_enough() -> None:
    """Without status, groups and tickets there is still an order."""
    rows = {"event_id": [1, 2], "ticket_id": [7, 7], "activity": ["a", "b"]}
    events = pl.DataFrame(rows).with_columns(
        pl.lit(0).cast(pl.Datetime("us", "UTC")).alias("occurred_at")
    )
    log = event_log_of(events, pl.DataFrame(schema={"ticket_id": pl.Int64}))
    assert log.groups.is_empty()
    assert log.group.tolist() == [-1, -1]
    assert log.tickets["ticket_id"].to_list() == [7]


def test_slices_follow_the_dimensions() -> None:
    """Missing values are a slice of their own; unknown dimensions are refused."""
    log = event_log_of(event_frame([]), pl.DataFrame(schema={"ticket_id": pl.Int64}))
    assert log.sliced_by(("priority",)).slices.values.height == 0
    with pytest.raises(ValueError, match="cannot be counted by 'colour'; use any of group_name"):
        log.sliced_by(("colour",))


@given(desks())
@settings(max_examples=examples(35), deadline=None)
def test_each_ticket_is_in_the_slice_of_its_values(desk: Desk) -> None:
    """Group, priority, type and the first of the month of creation, in this order."""
    log = desk.log().sliced_by(("month", "group_name", "priority"))
    tickets = {ticket["ticket_id"]: ticket for ticket in desk.tickets}
    rows = log.slices.values.sort("slice").drop("slice").rows()
    for ticket_id, number in zip(
        log.tickets["ticket_id"].to_list(), log.slices.of_ticket.tolist(), strict=True
    ):
        ticket = tickets[ticket_id]
        month = ticket["created_at"].date().replace(day=1)
        assert rows[number] == (month, ticket["group_name"], ticket["priority"])

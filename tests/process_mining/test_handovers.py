"""Handovers between groups, walked one by one."""

from collections import defaultdict
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings

from control_tower.process_mining.handovers import handovers
from control_tower.process_mining.stays import stays_of
from tests.examples import examples
from tests.process_mining.desks import START, Desk, Event, desks, events_in_order, log_of


@given(desks())
@settings(max_examples=examples(100), deadline=None)
def test_changes_of_group_one_by_one(desk: Desk) -> None:
    """Counts, tickets and returns are those of each ticket's list of groups."""
    count: dict[tuple[str, str], int] = defaultdict(int)
    returned: dict[tuple[str, str], int] = defaultdict(int)
    tickets: dict[tuple[str, str], set[int]] = defaultdict(set)
    for ticket_id, events in events_in_order(desk.events).items():
        groups: list[str] = []
        for event in events:
            if event.group_name and groups[-1:] != [event.group_name]:
                groups.append(event.group_name)
        for place, pair in enumerate(pairwise(groups)):
            count[pair] += 1
            tickets[pair].add(ticket_id)
            returned[pair] += groups[place + 2 : place + 3] == [pair[0]]
    log = desk.log()
    table = handovers(log, stays_of(log))
    assert table.height == len(count)
    for row in table.to_dicts():
        pair = (row["from_group"], row["to_group"])
        assert row["count"] == count[pair]
        assert row["tickets"] == len(tickets[pair])
        assert row["came_back"] == returned[pair]
        assert row["share"] == pytest.approx(count[pair] / sum(count.values()))
    apart = handovers(log, stays_of(log), by=("priority", "group_name"))
    assert apart["count"].sum() == sum(count.values())


def test_ping_pong_by_hand() -> None:
    """There after two hours, back after one, there again after four, nobody in between."""
    stops = [(0, "A"), (2, "B"), (3, "A"), (5, None), (6, "A"), (8, "B")]
    events = [
        Event(n, 1, START + timedelta(hours=hour), "assigned", "open", group)
        for n, (hour, group) in enumerate(stops, start=1)
    ]
    log = log_of(events, [])
    table = handovers(log, stays_of(log)).select(
        "from_group", "to_group", "count", "tickets", "median_hours", "came_back", "share_came_back"
    )
    assert table.rows() == [("A", "B", 2, 1, 3.0, 1, 0.5), ("B", "A", 1, 1, 1.0, 1, 1.0)]

"""The directly-follows graph: pairs of neighbours, counted and timed one by one."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings

from control_tower.process_mining.transitions import transitions
from tests.examples import examples
from tests.process_mining.desks import Desk, Event, desks, events_in_order, log_of


def _percentile(values: list[float], percent: int) -> float:
    ordered = sorted(values)
    below, beyond = divmod((len(ordered) - 1) * percent, 100)
    upper = ordered[min(below + 1, len(ordered) - 1)]
    return ordered[below] + (upper - ordered[below]) * beyond / 100


@given(desks())
@settings(max_examples=examples(35), deadline=None)
def test_pairs_of_neighbours_one_by_one(desk: Desk) -> None:
    """Counts and hours are those of a loop over each ticket's neighbours."""
    hours: dict[tuple[str, str], list[float]] = defaultdict(list)
    for events in events_in_order(desk.events).values():
        for before, after in pairwise(events):
            passed = (after.occurred_at - before.occurred_at).total_seconds() / 3600
            hours[before.activity, after.activity].append(passed)
    table = transitions(desk.log())
    assert {(row["from_activity"], row["to_activity"]) for row in table.to_dicts()} == set(hours)
    for row in table.to_dicts():
        found = hours[row["from_activity"], row["to_activity"]]
        assert row["count"] == len(found)
        assert row["mean_hours"] == pytest.approx(sum(found) / len(found), abs=1e-9)
        assert row["median_hours"] == pytest.approx(_percentile(found, 50), abs=1e-9)
        assert row["p90_hours"] == pytest.approx(_percentile(found, 90), abs=1e-9)
        leaving = sum(len(v) for k, v in hours.items() if k[0] == row["from_activity"])
        assert row["share_of_from"] == pytest.approx(len(found) / leaving)
        assert row["business_mean_hours"] is None


@given(desks())
@settings(max_examples=examples(35), deadline=None)
def test_steps_are_events_less_tickets(desk: Desk) -> None:
    """Every event but a ticket's first ends a step, in every way of counting apart."""
    tickets = len({event.ticket_id for event in desk.events})
    for by in ((), ("priority",), ("group_name", "month"), ("ticket_type",)):
        table = transitions(desk.log(), by=by)
        assert table["count"].sum() == len(desk.events) - tickets
        assert table.columns[: len(by)] == list(by)


def test_equal_moments_are_told_apart_by_the_key() -> None:
    """Two events in the same microsecond follow each other in order of their keys."""
    moment = datetime(2026, 3, 2, tzinfo=UTC)
    events = [
        Event(2, 1, moment, "second", "open", None),
        Event(1, 1, moment, "first", "open", None),
        Event(3, 1, moment + timedelta(hours=2), "third", "open", None),
    ]
    found = transitions(log_of(events, [])).select("from_activity", "to_activity", "p90_hours")
    assert sorted(found.rows()) == [("first", "second", 0.0), ("second", "third", 2.0)]


def test_waiting_to_be_closed_is_administrative() -> None:
    """From solved to closed nobody works; from solved back to open somebody must."""
    moment = datetime(2026, 3, 2, tzinfo=UTC)
    steps = [("solved", "solved"), ("reopened", "open"), ("solved", "solved"), ("closed", "closed")]
    events = [
        Event(n, 1, moment + timedelta(hours=n), activity, status, None)
        for n, (activity, status) in enumerate(steps, start=1)
    ]
    found = transitions(log_of(events, []))
    assert {row["to_activity"]: row["is_administrative"] for row in found.to_dicts()} == {
        "reopened": False,
        "solved": False,
        "closed": True,
    }


def test_a_thousand_activities() -> None:
    """Pairs far more numerous than a table of all of them would be wise are still counted."""
    moment = datetime(2026, 3, 2, tzinfo=UTC)
    events = [
        Event(n, 1 + n % 7, moment + timedelta(days=n), f"activity {n * n % 1000}", "open", None)
        for n in range(1, 5001)
    ]
    found = transitions(log_of(events, []))
    assert found["count"].sum() == 5000 - 7
    pairs = set()
    for of_ticket in events_in_order(events).values():
        pairs |= {(a.activity, b.activity) for a, b in pairwise(of_ticket)}
    assert set(found.select("from_activity", "to_activity").rows()) == pairs

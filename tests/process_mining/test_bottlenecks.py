"""Time with each group, and which group holds tickets up."""

from collections import defaultdict
from datetime import datetime, timedelta
from statistics import mean, median

import polars as pl
import pytest
from hypothesis import given, settings

from control_tower.process_mining.bottlenecks import UNASSIGNED, bottlenecks
from control_tower.process_mining.stays import stays_of
from tests.examples import examples
from tests.process_mining.desks import AS_OF, START, Desk, Event, desks, events_in_order, log_of

SETTLED = ("solved", "closed")


def _hours(begin: datetime, end: datetime) -> float:
    return max((end - begin).total_seconds() / 3600, 0.0)


@given(desks())
@settings(max_examples=examples(100), deadline=None)
def test_time_in_groups_added_up_state_by_state(desk: Desk) -> None:
    """Hours, visits and breach rates are those of a walk through each ticket's states."""
    hours: dict[tuple[str, int], float] = defaultdict(float)
    visits: dict[str, int] = defaultdict(int)
    tickets = {ticket["ticket_id"]: ticket for ticket in desk.tickets}
    for ticket_id, events in events_in_order(desk.events).items():
        ticket, previous = tickets[ticket_id], "nobody yet"
        for event, following in zip(events, [*events[1:], None], strict=True):
            group = event.group_name or UNASSIGNED
            hours[group, ticket_id] += 0.0
            visits[group] += group != previous
            previous = group
            if event.status in SETTLED:
                continue
            settled_at = ticket["solved_at"] or ticket["closed_at"]
            if following:
                end = following.occurred_at
            elif ticket["status"] is None:
                end = event.occurred_at
            else:
                end = settled_at if ticket["status"] in SETTLED and settled_at else AS_OF
            hours[group, ticket_id] += _hours(event.occurred_at, end)
    log = desk.log()
    table = bottlenecks(log, stays_of(log))
    groups = {group for group, _ in hours} if any(e.group_name for e in desk.events) else set()
    assert set(table["group_name"]) == groups
    for row in table.to_dicts():
        of_group = {t: h for (group, t), h in hours.items() if group == row["group_name"]}
        assert row["tickets"] == len(of_group)
        assert row["visits"] == visits[row["group_name"]]
        assert row["median_hours_in_group"] == pytest.approx(median(of_group.values()), abs=1e-9)
        assert row["total_hours_in_group"] == pytest.approx(sum(of_group.values()), abs=1e-6)
        known = [tickets[t]["is_breached"] for t in of_group]
        known = [breached for breached in known if breached is not None]
        assert row["breach_rate"] == (pytest.approx(mean(known)) if known else None)
        assert row["working_share"] is None
        if row["group_name"] == UNASSIGNED:
            assert row["bottleneck_score"] is None
            assert row["rank"] is None


def _ticket(number: int, *, is_breached: bool) -> dict[str, object]:
    return {"ticket_id": number, "status": "closed", "closed_at": AS_OF, "is_breached": is_breached}


def _visit(number: int, group: str, hours: float) -> list[Event]:
    moments = [START, START + timedelta(hours=hours), START + timedelta(hours=hours + 96)]
    steps = [("created", "open"), ("solved", "solved"), ("closed", "closed")]
    return [
        Event(number * 10 + n, number, moment, activity, status, group)
        for n, (moment, (activity, status)) in enumerate(zip(moments, steps, strict=True))
    ]


def test_score_and_shares_by_hand() -> None:
    """Slow: 8 of 8 hours, 2 of 4 tickets, rate 1 of 1. Quick: 1 of 8, 4 of 4, half of 1."""
    events = [
        *(event for n in (1, 2) for event in _visit(n, "Slow", 8)),
        *(event for n in (3, 4, 5, 6) for event in _visit(n, "Quick", 1)),
    ]
    tickets = [_ticket(n, is_breached=n in (1, 2, 3, 4)) for n in range(1, 7)]
    costs = pl.DataFrame(
        {
            "ticket_id": [1, 2, 3, 4, 9],
            "group_name": ["Slow", "Slow", "Quick", "Quick", "Slow"],
            "handle_minutes": [60.0, 180.0, 30.0, 999.0, 5.0],
        }
    )
    log = log_of(events, tickets)
    slow, quick = bottlenecks(log, stays_of(log), costs).to_dicts()
    assert (slow["group_name"], slow["rank"], slow["bottleneck_score"]) == ("Slow", 1, 50.0)
    assert (quick["group_name"], quick["rank"], quick["bottleneck_score"]) == ("Quick", 2, 6.25)
    assert (slow["working_share"], slow["waiting_share"]) == (0.25, 0.75)
    assert (quick["working_share"], quick["waiting_share"]) == (1.0, 0.0)
    assert slow["median_hours_at_rest"] == 96.0
    assert slow["median_hours_in_group"] == 8.0


def test_waiting_to_be_closed_makes_no_bottleneck() -> None:
    """A group whose tickets lie solved for days holds nobody up."""
    log = log_of([*_visit(1, "Tidy", 0), *_visit(2, "Busy", 1)], [])
    table = bottlenecks(log, stays_of(log))
    assert dict(table.select("group_name", "total_hours_in_group").rows()) == {
        "Tidy": 0.0,
        "Busy": 1.0,
    }


def test_no_groups_no_rows_and_no_targets_no_ranks() -> None:
    """What cannot be told is not told."""
    events = [Event(1, 1, START, "created", "open", None)]
    log = log_of(events, [])
    assert bottlenecks(log, stays_of(log)).is_empty()
    log = log_of(_visit(1, "Only", 1), [])
    (row,) = bottlenecks(log, stays_of(log)).to_dicts()
    assert (row["breach_rate"], row["bottleneck_score"], row["rank"]) == (None, None, None)


def test_groups_are_not_counted_apart_by_group() -> None:
    """The rows are groups already."""
    log = log_of(_visit(1, "Only", 1), [])
    with pytest.raises(ValueError, match="one row a group"):
        bottlenecks(log, stays_of(log), by=("group_name",))

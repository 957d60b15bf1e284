"""What deviations cost, like with like."""

from collections import defaultdict
from statistics import mean
from typing import Any

import pytest
from hypothesis import given, settings

from control_tower.process_mining.conformance import conformance, judge
from control_tower.process_mining.deviation_costs import conformance_summary
from control_tower.process_mining.paths import paths_of
from control_tower.process_mining.reference_path import HAPPY_PATH
from tests.examples import examples
from tests.process_mining.desks import START, Desk, Event, desks, events_in_order, log_of


def _first_group(events: list[Event]) -> str | None:
    return next((event.group_name for event in events if event.group_name), None)


def _cost(rows: list[dict[str, Any]], deviation: str, figure: str) -> tuple[int, float | None]:
    """Return how many were compared and the mean difference, stratum by stratum."""
    strata: dict[Any, list[list[float]]] = defaultdict(lambda: [[], []])
    for row in rows:
        if row[figure] is not None:
            strata[row["stratum"]][deviation in row["deviations"]].append(float(row[figure]))
    pairs = [(len(w), mean(w) - mean(wo)) for wo, w in strata.values() if w and wo]
    compared = sum(count for count, _ in pairs)
    return compared, sum(n * d for n, d in pairs) / compared if compared else None


@given(desks())
@settings(max_examples=examples(50), deadline=None)
def test_strata_compared_one_by_one(desk: Desk) -> None:
    """Counts and differences are those of a loop over tickets alike."""
    log = desk.log()
    judgements = judge(log, paths_of(log), HAPPY_PATH)
    tickets = {ticket["ticket_id"]: ticket for ticket in desk.tickets}
    walked = events_in_order(desk.events)
    rows = []
    for row in conformance(log, judgements).to_dicts():
        ticket = tickets[row["ticket_id"]]
        stratum = (
            _first_group(walked[row["ticket_id"]]),
            ticket["priority"],
            ticket["ticket_type"],
        )
        rows.append({**ticket, "stratum": stratum, "deviations": row["deviations"]})
    summary = conformance_summary(log, judgements)
    assert set(summary["deviation"]) == {name for row in rows for name in row["deviations"]}
    for found in summary.to_dicts():
        having = [row for row in rows if found["deviation"] in row["deviations"]]
        assert found["tickets"] == len(having)
        assert found["share"] == pytest.approx(len(having) / len(rows))
        compared, extra_hours = _cost(rows, found["deviation"], "cycle_hours")
        assert found["compared_tickets"] == compared
        assert found["extra_cycle_hours"] == pytest.approx(extra_hours, abs=1e-9)
        _, extra_breaches = _cost(rows, found["deviation"], "is_breached")
        assert found["extra_breach_rate"] == pytest.approx(extra_breaches, abs=1e-9)


def test_hard_tickets_are_not_held_against_the_deviation() -> None:
    """Escalated tickets are slow since they are urgent here; alike ones take an hour less."""
    events: list[Event] = []
    tickets: list[dict[str, Any]] = []
    for number, (priority, is_escalated, hours) in enumerate(
        [
            ("urgent", True, 11.0),
            ("urgent", True, 11.0),
            ("urgent", False, 10.0),
            ("low", False, 1.0),
            ("low", False, 1.0),
            ("normal", True, 99.0),
        ],
        start=1,
    ):
        path = ["created", *(["escalated"] if is_escalated else []), "solved"]
        events.extend(
            Event(len(events) + n, number, START, step, "open", "Tier 1")
            for n, step in enumerate(path, start=1)
        )
        tickets.append(
            {"ticket_id": number, "status": "closed", "priority": priority, "cycle_hours": hours}
        )
    log = log_of(events, tickets)
    summary = conformance_summary(log, judge(log, paths_of(log), HAPPY_PATH))
    (row,) = summary.filter(deviation="escalated").to_dicts()
    assert (row["tickets"], row["compared_tickets"], row["extra_cycle_hours"]) == (3, 2, 1.0)
    assert row["total_extra_hours"] == 2.0
    assert row["extra_breach_rate"] is None

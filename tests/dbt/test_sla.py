"""The SLA marts against clocks worked out minute by minute, on desks drawn at random."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest

from tests.dbt.clock_oracle import State, is_settled
from tests.dbt.conftest import BuiltDesk
from tests.dbt.random_desk import CLOCK_METRICS
from tests.dbt.sla_oracle import Verdict

_COLUMNS: Final = (
    "ticket_id",
    "metric",
    "instance",
    "policy_name",
    "priority",
    "ticket_type",
    "group_name",
    "target_minutes",
    "is_business_hours",
    "started_at",
    "ended_at",
    "elapsed_minutes",
    "remaining_minutes",
    "breach_at",
    "clock_state",
    "sla_status",
    "is_decided",
)
_PAUSING: Final = ("requester_wait_time", "agent_work_time")
_OF_MANY_CLOCKS: Final = {"next_reply_time", "periodic_update_time", "group_ownership_time"}
_TOLERANCE: Final = 1e-9
"""A microsecond is seventeen times as much, in minutes."""


def _row(key: tuple[int, str, int], verdict: Verdict) -> Mapping[str, Any]:
    """Return the row of the mart a verdict ought to be."""
    clock, promise = verdict.clock, verdict.promise
    elapsed, target = clock.elapsed_microseconds / 60_000_000, promise.target_minutes
    remaining = None if target is None else pytest.approx(target - elapsed, abs=_TOLERANCE)
    values = (
        *key,
        promise.policy_name,
        verdict.priority,
        verdict.ticket["ticket_type"],
        verdict.group_name,
        target,
        promise.is_business_hours,
        verdict.started_at,
        clock.ended_at,
        pytest.approx(elapsed, abs=_TOLERANCE),
        remaining,
        clock.breach_at,
        clock.state,
        verdict.status,
        verdict.is_decided,
    )
    return dict(zip(_COLUMNS, values, strict=True))


def test_every_target_stands_as_the_slow_clocks_say(random_built_desk: BuiltDesk) -> None:
    rows = random_built_desk.query(f"select {', '.join(_COLUMNS)} from marts.sla")
    found = {row[:3]: dict(zip(_COLUMNS, row, strict=True)) for row in rows}
    expected = {
        key: _row(key, verdict) for key, verdict in random_built_desk.oracle.verdicts.items()
    }

    assert len(found) == len(rows)
    assert found.keys() == expected.keys()
    wrong = [(row, expected[key]) for key, row in sorted(found.items()) if row != expected[key]]
    assert not wrong[:2]


def test_the_mart_has_no_other_columns(policies_desk: BuiltDesk) -> None:
    columns = policies_desk.query("select column_name from (describe marts.sla)")

    assert {name for (name,) in columns} == set(_COLUMNS)


def test_the_random_desks_have_clocks_of_every_kind(random_built_desk: BuiltDesk) -> None:
    verdicts = random_built_desk.oracle.verdicts
    kinds = Counter(
        (metric, verdict.clock.state, verdict.status)
        for (_, metric, _), verdict in verdicts.items()
    )
    possible = {
        (metric, state, status)
        for metric in CLOCK_METRICS
        for state in ("active", "stopped", *(("paused",) if metric in _PAUSING else ()))
        for status in ("breached", "within_sla")
    }

    assert set(kinds) == possible
    assert min(kinds.values()) >= 3
    assert {metric for _, metric, instance in verdicts if instance > 1} == _OF_MANY_CLOCKS


def test_breach_moments_are_known_of_every_kind(random_built_desk: BuiltDesk) -> None:
    known = {
        (verdict.clock.state, verdict.status)
        for verdict in random_built_desk.oracle.verdicts.values()
        if verdict.clock.breach_at is not None
    }

    assert known == {
        ("active", "breached"),
        ("active", "within_sla"),
        ("paused", "breached"),
        ("stopped", "breached"),
    }


def test_business_clocks_ran_while_the_clocks_on_the_wall_changed(
    random_built_desk: BuiltDesk,
) -> None:
    oracle = random_built_desk.oracle
    zones = {row["schedule_id"]: row["time_zone"] for row in oracle.rows("schedules")}
    crossed = {
        zones[oracle.schedule_of(ticket_id) or 0]
        for (ticket_id, _, _), verdict in oracle.verdicts.items()
        if verdict.promise.is_business_hours
        and _is_changed(
            zones[oracle.schedule_of(ticket_id) or 0],
            verdict.started_at,
            verdict.clock.ended_at or oracle.as_of,
        )
    }

    assert crossed == set(zones.values()) - {"Asia/Kathmandu", "UTC"}


def _is_changed(name: str, start: datetime, end: datetime) -> bool:
    zone = ZoneInfo(name)
    return start.astimezone(zone).utcoffset() != end.astimezone(zone).utcoffset()


def test_the_random_desks_have_lives_of_every_kind(random_built_desk: BuiltDesk) -> None:
    oracle = random_built_desk.oracle
    kinds: Counter[str] = Counter()
    for ticket_id, states in oracle.states.items():
        kinds.update({kind for kind, is_so in _kinds(states).items() if is_so})
        ticket = oracle.tickets[ticket_id]
        kinds["deleted"] += ticket["is_deleted"]
        kinds["merged"] += ticket["merged_into_ticket_id"] is not None
        own = [row for row in oracle.rows("ticket_schedules") if row["ticket_id"] == ticket_id]
        kinds["schedule changed"] += len(own) > 1

    rare = {kind: seen for kind, seen in kinds.items() if seen < 5}
    assert not rare
    assert len(kinds) == len(_kinds([State(datetime(2026, 3, 2, tzinfo=UTC), "new", None)])) + 3


def _kinds(states: list[State]) -> Mapping[str, bool]:
    """Return what may be said of a ticket's life, and whether it is so."""
    logged = [state for state in states if state.event]
    events = [state.event for state in logged if state.event]
    pairs = list(pairwise(logged))
    said = [event for event in events[1:] if event["is_public"]]
    priorities = [event["priority"] for event in events]
    return {
        "opened by an agent": bool(events) and events[0]["actor"] == "agent",
        "settled when opened": bool(events) and is_settled(events[0]["status"]),
        "two replies": sum(event["actor"] == "agent" for event in said) > 1,
        "two comments": sum(event["actor"] == "customer" for event in said) > 1,
        "a note": any(e["actor"] == "agent" and not e["is_public"] for e in events[1:]),
        "a comment in private": any(
            e["actor"] == "customer" and not e["is_public"] for e in events
        ),
        "said by the system": any(event["actor"] == "system" for event in said),
        "thanks after solving": any(
            event["actor"] == "customer" and is_settled(event["status"]) for event in said
        ),
        "a reply that solves": any(
            event["actor"] == "agent" and is_settled(event["status"]) for event in said
        ),
        "solved without a reply": is_settled(states[-1].status)
        and not any(event["actor"] == "agent" for event in said),
        "reopened": any(is_settled(a.status) and not is_settled(b.status) for a, b in pairs),
        "two at one moment": any(a.began_at == b.began_at for a, b in pairs),
        "priority set later": bool(priorities) and not priorities[0] and any(priorities),
        "priority taken away": bool(priorities) and any(priorities) and not priorities[-1],
        "priority changed": len({priority for priority in priorities if priority}) > 1,
        "never a priority": not any(priorities),
        "group lost and found": any(
            a.group_name is None and b.group_name is not None for a, b in pairs
        ),
        "group changed": len({state.group_name for state in states if state.group_name}) > 1,
        "log begins late": not states[0].event,
        "log ends early": not states[-1].event,
        "no log": not events,
    }


def test_targets_are_those_in_force_when_the_clock_ended(policies_desk: BuiltDesk) -> None:
    oracle = policies_desk.oracle
    older = [
        verdict
        for verdict in oracle.verdicts.values()
        if verdict.clock.ended_at and verdict.priority != verdict.ticket["priority"]
    ]
    by_metric: dict[tuple[int, str], set[str | None]] = {}
    for (ticket_id, metric, _), verdict in oracle.verdicts.items():
        by_metric.setdefault((ticket_id, metric), set()).add(verdict.priority)

    assert len(older) > 50
    assert sum(len(priorities) > 1 for priorities in by_metric.values()) > 20


def test_time_equal_to_the_target_keeps_it(applications_desk: BuiltDesk) -> None:
    outcomes = applications_desk.query("""
        select sla_status, count(*)
        from marts.sla
        where elapsed_minutes = target_minutes
        group by 1
    """)

    assert [status for status, _ in outcomes] == ["within_sla"]
    assert outcomes[0][1] > 50


def test_a_microsecond_more_misses_it(applications_desk: BuiltDesk) -> None:
    outcomes = applications_desk.query("""
        select distinct sla_status
        from marts.sla
        where round((elapsed_minutes - target_minutes) * 60000000) = 1
    """)

    assert outcomes == [("breached",)]

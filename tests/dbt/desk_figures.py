"""What a desk would say of its own tickets, had it counted as the slow clocks do."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import groupby, pairwise
from typing import Any, Final

from tests.dbt.clock_oracle import MinuteTable, State, is_settled
from tests.dbt.desk import Row
from tests.dbt.random_desk import Desk
from tests.dbt.sla_oracle import DeskOracle, Verdict

__all__ = ["with_desk_figures"]

_MINUTE: Final = 60_000_000
_NAMES: Final = {
    "first_reply_time": "reply_time",
    "next_reply_time": "reply_time",
    "total_resolution_time": "resolution_time",
}
_WAITS: Final = {
    "agent_wait_time": {"pending"},
    "requester_wait_time": {"new", "open", "hold"},
    "on_hold_time": {"hold"},
}

_Stretch = tuple[datetime, datetime]


def with_desk_figures(desk: Desk) -> Desk:
    """Return the desk with its own figures of every ticket, in whole minutes as Zendesk's are."""
    oracle = DeskOracle(desk)
    events = [row for key, verdict in oracle.verdicts.items() for row in _clock(*key, verdict)]
    tables: dict[str, list[Row]] = {
        **desk.tables,
        "desk_metric_events": [{**row, "event_id": n} for n, row in enumerate(events, start=1)],
        "desk_ticket_metrics": [
            row for key, states in oracle.states.items() for row in _set(oracle, key, states)
        ],
    }
    return replace(desk, tables=tables)


def _clock(ticket_id: int, metric: str, instance: int, verdict: Verdict) -> Iterator[Row]:
    def event(kind: str, at: datetime, **rest: Any) -> Row:
        return {
            "ticket_id": ticket_id,
            "metric": _NAMES.get(metric, metric),
            "instance": instance + 1 if metric == "next_reply_time" else instance,
            "event_type": kind,
            "occurred_at": at,
            **rest,
        }

    promise, clock = verdict.promise, verdict.clock
    yield event("activate", verdict.started_at)
    yield event(
        "apply_sla",
        verdict.started_at,
        policy_name=promise.policy_name,
        target_minutes=promise.target_minutes,
        is_business_hours=promise.is_business_hours,
    )
    if clock.breach_at and verdict.status == "breached":
        yield event("breach", clock.breach_at)
    if clock.ended_at:
        hours = "business_minutes" if promise.is_business_hours else "calendar_minutes"
        yield event("fulfill", clock.ended_at)
        yield event(
            "update_status", clock.ended_at, **{hours: float(clock.elapsed_microseconds // _MINUTE)}
        )


def _set(oracle: DeskOracle, ticket_id: int, states: list[State]) -> Iterator[Row]:
    hours = oracle.hours_of(ticket_id)
    for metric, stretches in _stretches(oracle.tickets[ticket_id]["created_at"], states).items():
        if stretches or metric in _WAITS:
            yield {
                "ticket_id": ticket_id,
                "metric": metric,
                "calendar_minutes": float(sum(_calendar(start, end) for start, end in stretches)),
                "business_minutes": float(sum(_open(hours, *stretch) for stretch in stretches))
                if hours
                else None,
            }
    reopens = sum(
        is_settled(before.status) and not is_settled(after.status)
        for before, after in pairwise(states)
    )
    counts = {"replies": len(_replies(states)), "reopens": reopens}
    for metric, occurrences in counts.items():
        yield {"ticket_id": ticket_id, "metric": metric, "occurrences": occurrences}


def _calendar(start: datetime, end: datetime) -> int:
    return int((end - start).total_seconds() // 60)


def _open(hours: MinuteTable, start: datetime, end: datetime) -> int:
    return hours.spent(start, end) // _MINUTE


def _replies(states: list[State]) -> list[datetime]:
    return [
        state.began_at
        for state in states[1:]
        if state.event and state.event["actor"] == "agent" and state.event["is_public"]
    ]


def _stretches(created_at: datetime, states: list[State]) -> dict[str, list[_Stretch]]:
    """Return the stretches of time of which each figure is the sum."""
    solves = [
        after.began_at
        for before, after in zip([None, *states], states, strict=False)
        if is_settled(after.status) and not (before and is_settled(before.status))
    ]
    found = {
        "reply_time": [(created_at, at) for at in _replies(states)[:1]],
        "first_resolution_time": [(created_at, at) for at in solves[:1]],
        "full_resolution_time": [(created_at, at) for at in solves[-1:]],
    }
    turns = [
        (status, next(run).began_at) for status, run in groupby(states, key=lambda s: s.status)
    ]
    for metric, statuses in _WAITS.items():
        found[metric] = [
            (start, end) for (status, start), (_, end) in pairwise(turns) if status in statuses
        ]
    return found

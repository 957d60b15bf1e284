"""A desk whose own figures differ from ours, each of its tickets for one reason."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from tests.dbt.desk import Row, moment
from tests.dbt.random_desk import Desk

__all__ = ["KEYS", "reconciled_desk"]

_AS_OF: Final = moment("2026-03-27 16:30")
_TARGETS: Final = {"first_reply_time": 60.0, "requester_wait_time": 5000.0}
_Events = Sequence[tuple[str, str, str]]
"""When, on Thursday 26 March; who did what; status."""

_Clocks = Sequence[tuple[str, str, str] | tuple[str, str, str, float]]
"""When; clock, with its instance; what happened to it; target or minutes."""

_NEW: Final = ("08:00", "customer created", "new")
_REPLIED: Final = ("08:30", "agent says", "open")
_SOLVED: Final = ("09:00", "agent notes", "solved")
_RUNS: Final = ("08:00", "reply_time 1", "activate")
_APPLIED: Final = ("08:00", "reply_time 1", "apply_sla", 60.0)


def _met(at: str, minutes: float) -> _Clocks:
    return (
        _RUNS,
        _APPLIED,
        (at, "reply_time 1", "fulfill"),
        (at, "reply_time 1", "update_status", minutes),
    )


_TICKETS: Final[dict[str, tuple[_Events, _Clocks, dict[str, float]]]] = {
    "equal": ((_NEW, _REPLIED), _met("08:30", 30), {"reply_time": 30}),
    "rounded": (
        (_NEW, ("08:30:40", "agent says", "open")),
        _met("08:30:40", 30),
        {"reply_time": 30},
    ),
    "rounded twice": (
        (
            _NEW,
            ("08:10:50", "agent notes", "hold"),
            ("08:20:40", "agent notes", "pending"),
            ("08:30", "agent notes", "hold"),
            ("08:40:59", "agent notes", "pending"),
        ),
        (),
        {"on_hold_time": 19, "agent_wait_time": 9},
    ),
    "deleted": ((_NEW, _REPLIED), _met("08:30", 30), {"reply_time": 80}),
    "merged": ((_NEW, _REPLIED), _met("08:30", 30), {}),
    "log begins late": ((_NEW, _REPLIED), (), {"reply_time": 10}),
    "reopening unknown": (
        (_NEW, _SOLVED),
        (),
        {"full_resolution_time": 300, "first_resolution_time": 60, "reopens": 1},
    ),
    "pending unknown": (
        (_NEW, _SOLVED),
        (),
        {"requester_wait_time": 20, "agent_wait_time": 40, "full_resolution_time": 60},
    ),
    "opened by an agent": (
        (("08:00", "agent created", "new"), ("08:30", "agent says", "open")),
        (("08:00", "requester_wait_time 1", "activate"),),
        {"requester_wait_time": 30, "replies": 2},
    ),
    "counted anew": (
        (
            _NEW,
            _SOLVED,
            ("10:00", "customer says", "open"),
            ("10:30", "agent notes", "solved"),
        ),
        (
            ("08:00", "requester_wait_time 1", "activate"),
            ("08:00", "requester_wait_time 1", "apply_sla", 5000.0),
            ("09:00", "requester_wait_time 1", "fulfill"),
            ("09:00", "requester_wait_time 1", "update_status", 60.0),
            ("10:00", "requester_wait_time 2", "activate"),
            ("10:00", "requester_wait_time 2", "apply_sla", 5000.0),
            ("10:30", "requester_wait_time 2", "fulfill"),
            ("10:30", "requester_wait_time 2", "update_status", 30.0),
        ),
        {},
    ),
    "no target": (
        (_NEW, ("10:00", "agent says", "open")),
        (_RUNS, ("10:00", "reply_time 1", "fulfill")),
        {},
    ),
    "another target": (
        (_NEW, ("10:00", "agent says", "open")),
        (
            _RUNS,
            ("08:00", "reply_time 1", "apply_sla", 90.0),
            ("09:30", "reply_time 1", "breach"),
            ("10:00", "reply_time 1", "fulfill"),
        ),
        {},
    ),
    "target lowered": (
        (_NEW, ("11:00", "agent says", "open")),
        (
            _RUNS,
            ("08:00", "reply_time 1", "apply_sla", 240.0),
            ("10:00", "reply_time 1", "apply_sla", 60.0),
            ("10:00", "reply_time 1", "breach"),
            ("11:00", "reply_time 1", "fulfill"),
        ),
        {},
    ),
    "solved unanswered": ((_NEW, _SOLVED), (_RUNS, _APPLIED), {}),
    "still waiting": ((_NEW, ("09:00", "agent notes", "open")), (), {"requester_wait_time": 0}),
    "schedule changed": (
        (_NEW, ("10:00", "agent notes", "solved")),
        (),
        {"full_resolution_time": 120, "full_resolution_time business": 120},
    ),
    "schedule edited later": (
        (_NEW, ("10:00", "agent notes", "solved")),
        (),
        {"full_resolution_time": 120, "full_resolution_time business": 120},
    ),
    "schedule edited before": (
        (_NEW, ("10:00", "agent notes", "solved")),
        (),
        {"full_resolution_time": 120, "full_resolution_time business": 120},
    ),
    "replied later there": ((_NEW, _REPLIED), _met("08:45", 45), {"reply_time": 45}),
    "replied only there": ((_NEW,), _met("08:30", 30), {"reply_time": 30}),
    "replied only here": ((_NEW, _REPLIED), (_RUNS, _APPLIED), {"on_hold_time": 0}),
    "unanswered": (
        (_NEW,),
        (_RUNS, _APPLIED, ("09:00", "reply_time 1", "breach")),
        {"on_hold_time": 0},
    ),
}
"""By name: what happened; what the desk's clocks say; its figures, in minutes or how often."""

_SCHEDULES: Final = (
    (1, range(5), 0, None),
    (2, (5,), 0, None),
    (3, range(5), 540, "11:00"),
    (4, range(5), 540, "08:00"),
)
"""Number, weekdays, first minute of the day, when it was edited."""

KEYS: Final = {name: key for key, name in enumerate(_TICKETS, start=1)}


def _at(hour: str) -> datetime:
    return moment(f"2026-03-26 {hour}")


def _events() -> Iterator[Row]:
    for name, (steps, _, _) in _TICKETS.items():
        for place, (when, act, status) in enumerate(steps):
            actor, activity = act.split()
            yield {
                "event_id": KEYS[name] * 100 + place,
                "ticket_id": KEYS[name],
                "occurred_at": _at(when),
                "activity": activity,
                "status": status,
                "priority": "high",
                "actor": actor,
                "is_public": activity != "notes",
            }


def _tickets() -> Iterator[Row]:
    last = {event["ticket_id"]: event for event in _events()}
    for name, key in KEYS.items():
        status = last[key]["status"]
        yield {
            "ticket_id": key,
            "created_at": _at("07:00" if name == "log begins late" else "08:00"),
            "priority": "high",
            "status": status,
            "solved_at": last[key]["occurred_at"] if status == "solved" else None,
            "is_deleted": name == "deleted",
            "merged_into_ticket_id": KEYS["equal"] if name == "merged" else None,
        }


def _clocks() -> Iterator[Row]:
    for name, (_, steps, _) in _TICKETS.items():
        for place, (when, clock, kind, *amount) in enumerate(steps):
            metric, instance = clock.split()
            told: dict[str, Any] = {}
            if kind == "apply_sla":
                told = {"target_minutes": amount[0], "is_business_hours": False}
            elif kind == "update_status":
                told = {"calendar_minutes": amount[0], "business_minutes": 0.0}
            yield {
                "event_id": KEYS[name] * 100 + place,
                "ticket_id": KEYS[name],
                "metric": metric,
                "instance": int(instance),
                "event_type": kind,
                "occurred_at": _at(when),
                **told,
            }


def _figures() -> Iterator[Row]:
    for name, (_, _, figures) in _TICKETS.items():
        for metric in dict.fromkeys(figure.split()[0] for figure in figures):
            is_count = metric in ("reopens", "replies")
            yield {
                "ticket_id": KEYS[name],
                "metric": metric,
                "calendar_minutes": None if is_count else float(figures[metric]),
                "business_minutes": figures.get(f"{metric} business"),
                "occurrences": int(figures[metric]) if is_count else None,
            }


def reconciled_desk() -> Desk:
    """Return the desk; its default schedule is open until five, UTC, on weekdays."""
    tables: dict[str, list[Row]] = {
        "tickets": list(_tickets()),
        "ticket_events": list(_events()),
        "sla_policies": [
            {
                "policy_id": 1,
                "policy_name": "One",
                "position": 1,
                "metric": metric,
                "priority": "high",
                "target_minutes": target,
                "is_business_hours": False,
            }
            for metric, target in _TARGETS.items()
        ],
        "schedules": [
            {
                "schedule_id": schedule_id,
                "schedule_name": f"Schedule {schedule_id}",
                "time_zone": "UTC",
                "weekday": weekday,
                "opens": opens,
                "closes": 1020,
                "is_default": schedule_id == 1,
                "edited_at": edited and _at(edited),
            }
            for schedule_id, weekdays, opens, edited in _SCHEDULES
            for weekday in weekdays
        ],
        "ticket_schedules": [
            {
                "ticket_id": KEYS[name],
                "schedule_id": schedule_id,
                "effective_from": _at(when),
            }
            for name, schedule_id, when in (
                ("schedule changed", 2, "11:00"),
                ("schedule edited later", 3, "08:00"),
                ("schedule edited before", 4, "08:00"),
            )
        ],
        "desk_metric_events": list(_clocks()),
        "desk_ticket_metrics": list(_figures()),
    }
    return Desk(_AS_OF, tables)

"""One desk of tickets whose clocks can be worked out by hand."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from tests.dbt.desk import Row, moment
from tests.dbt.random_desk import CLOCK_METRICS, Desk

__all__ = ["KEYS", "at", "hand_worked_desk"]

_AS_OF: Final = moment("2026-03-27 16:30")
"""A Friday, half past five in Berlin; the clocks there change on Sunday."""

_TARGETS: Final = {"urgent": 30.0, "high": 60.0, "normal": 120.0, "low": 480.0}
_GROUP_METRIC: Final = "group_ownership_time"

_Step = tuple[str, str, str, str]
"""When it happened on Thursday 26 March, or the day given; who did what; status; other facts."""

_LIVES: Final[dict[str, Sequence[_Step]]] = {
    "talks": (
        ("08:00", "customer created", "new", ""),
        ("08:10", "customer says", "new", ""),
        ("09:00", "agent says", "pending", ""),
        ("10:00", "customer says", "open", ""),
        ("10:20", "agent notes", "open", ""),
        ("10:30", "customer says", "open", ""),
        ("11:10", "agent says", "pending", ""),
        ("12:00", "customer says", "open", ""),
        ("12:45", "agent notes", "solved", ""),
        ("13:00", "customer says", "solved", ""),
        ("27 16:00", "customer says", "open", ""),
    ),
    "updates": (
        ("08:00", "customer created", "new", ""),
        ("08:30", "agent says", "pending", ""),
        ("09:15", "agent says", "pending", ""),
        ("10:00", "agent notes", "pending", ""),
        ("10:45", "agent says", "solved", ""),
        ("11:00", "customer says", "open", ""),
        ("27 16:10", "agent says", "hold", ""),
    ),
    "ping-pong": (
        ("08:00", "customer created", "new", "A"),
        ("08:50", "agent notes", "open", "B"),
        ("10:00", "agent notes", "open", "-"),
        ("11:00", "agent notes", "open", "B"),
        ("11:10", "agent notes", "pending", "B"),
        ("11:30", "agent notes", "open", "A"),
        ("12:00", "agent notes", "solved", "A"),
        ("12:30", "system notes", "solved", "B"),
        ("27 15:00", "customer says", "open", "A"),
    ),
    "raised before the reply": (
        ("08:00", "customer created", "new", "low"),
        ("08:20", "agent notes", "new", "urgent"),
        ("08:40", "agent says", "pending", "urgent"),
    ),
    "raised after the reply": (
        ("08:00", "customer created", "new", "low"),
        ("08:40", "agent says", "pending", "low"),
        ("08:50", "agent notes", "pending", "urgent"),
    ),
    "raised the moment of the reply": (
        ("08:00", "customer created", "new", "low"),
        ("08:40", "agent says", "pending", "low"),
        ("08:40", "agent notes", "pending", "urgent"),
    ),
    "no priority at first": (
        ("08:00", "customer created", "new", "none"),
        ("08:30", "agent says", "open", "none"),
        ("09:00", "agent notes", "open", "high"),
        ("09:30", "agent notes", "open", "none"),
    ),
    "comes back": (
        ("08:00", "customer created", "open", ""),
        ("08:20", "agent notes", "pending", ""),
        ("08:50", "agent notes", "solved", ""),
        ("10:50", "customer says", "open", ""),
        ("11:00", "agent notes", "solved", ""),
        ("12:00", "system notes", "closed", ""),
    ),
    "a call, settled at once": (
        ("08:00", "agent created", "solved", ""),
        ("09:00", "customer says", "open", ""),
        ("09:20", "agent says", "pending", ""),
    ),
    "all at one moment": (
        ("08:00", "customer created", "new", ""),
        ("08:00", "agent says", "open", ""),
        ("08:00", "customer says", "open", ""),
        ("08:00", "agent says", "pending", ""),
    ),
    "over the weekend": (
        ("27 14:00", "customer created", "new", "business"),
        ("27 14:10", "agent says", "pending", "business"),
        ("27 15:40", "customer says", "open", "business"),
    ),
    "no schedule": (("27 14:00", "customer created", "new", "business"),),
    "never open": (("27 14:00", "customer created", "new", "business"),),
}
KEYS: Final = {name: key for key, name in enumerate(_LIVES, start=1)}


def at(when: str) -> datetime:
    """Return a moment of Thursday 26 March 2026, or of the day of that month given."""
    day, _, hour = when.rpartition(" ")
    return moment(f"2026-03-{day or '26'} {hour}")


def _events() -> Iterator[Row]:
    for name, steps in _LIVES.items():
        for place, (when, act, status, other) in enumerate(steps):
            actor, activity = act.split()
            yield {
                "event_id": KEYS[name] * 100 + place,
                "ticket_id": KEYS[name],
                "occurred_at": at(when),
                "activity": activity,
                "status": status,
                "priority": other if other in _TARGETS else None if other == "none" else "high",
                "group_name": {"B": "B", "-": None}.get(other, "A"),
                "actor": actor,
                "is_public": activity != "notes",
            }


def _tickets() -> Iterator[Row]:
    last = {event["ticket_id"]: event for event in _events()}
    for name, steps in _LIVES.items():
        now = last[KEYS[name]]
        is_settled = now["status"] in ("solved", "closed")
        yield {
            "ticket_id": KEYS[name],
            "created_at": at(steps[0][0]),
            "ticket_type": "business" if steps[0][3] == "business" else "question",
            "priority": now["priority"],
            "group_name": now["group_name"],
            "status": now["status"],
            "solved_at": moment("2026-03-26 11:00") if is_settled else None,
            "closed_at": now["occurred_at"] if now["status"] == "closed" else None,
            "is_deleted": False,
        }


def _policies() -> Iterator[Row]:
    # The group's policy is tried first and would win, were all policies in one list.
    policies = ((3, 1, None), (1, 2, "business"), (2, 3, None))
    for policy_id, position, ticket_type in policies:
        for metric in CLOCK_METRICS:
            if (policy_id == 3) != (metric == _GROUP_METRIC):
                continue
            for priority, minutes in _TARGETS.items():
                yield {
                    "policy_id": policy_id,
                    "policy_name": f"Policy {policy_id}",
                    "position": position,
                    "metric": metric,
                    "priority": priority,
                    "ticket_type": ticket_type,
                    "target_minutes": minutes,
                    "is_business_hours": ticket_type == "business",
                }


def _schedule(schedule_id: int, weekdays: Sequence[int]) -> Iterator[Row]:
    for weekday in weekdays:
        yield {
            "schedule_id": schedule_id,
            "schedule_name": f"Schedule {schedule_id}",
            "time_zone": "Europe/Berlin",
            "weekday": weekday,
            "opens": 540,
            "closes": 1020,
            "is_default": False,
        }


def hand_worked_desk() -> Desk:
    """Return the desk; its schedule of Mondays has a holiday on every one."""
    mondays = [date(2025, 12, 22) + timedelta(weeks=n) for n in range(130)]
    own = (("over the weekend", 1), ("never open", 2))
    tables: dict[str, list[Row]] = {
        "tickets": list(_tickets()),
        "ticket_events": list(_events()),
        "sla_policies": list(_policies()),
        "schedules": [*_schedule(1, range(5)), *_schedule(2, (0,))],
        "holidays": [{"schedule_id": 2, "holiday_date": day} for day in mondays],
        "ticket_schedules": [
            {"ticket_id": KEYS[name], "schedule_id": key, "effective_from": at("08:00")}
            for name, key in own
        ],
    }
    return Desk(_AS_OF, tables)

"""Records of a desk as Zendesk's interface gives them, each worked out from its number alone."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, overload

__all__ = ["EVENTS", "METRIC_EVENTS", "OPENED", "STEP", "Lazy", "desk", "end_of"]

Json = dict[str, Any]

OPENED = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp())
"""When the first ticket comes in, seconds since 1970."""

STEP = 600
"""Seconds between tickets."""

EVENTS = 5
"""Updates of each ticket."""

METRIC_EVENTS = 6

_PRIORITIES = ("low", "normal", "high", "urgent")
_AGENTS = (51, 52, 53)
_GONE = 53
_GROUPS = (31, 32)
_STAYS_OPEN = 10
_SECONDS = (0, 60, 120, 180, 240)
_METRIC_SECONDS = (0, 0, 0, 120, 120, 240)


class Lazy(Sequence[Json]):
    """A sequence whose records are made when they are asked for, so that a large desk is small."""

    def __init__(self, length: int, make: Callable[[int], Json]) -> None:
        self._length = length
        self._make = make

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Json: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Json]: ...
    def __getitem__(self, index: int | slice) -> Json | Sequence[Json]:
        if isinstance(index, slice):
            return [self._make(number) for number in range(*index.indices(self._length))]
        return self._make(range(self._length)[index])


def end_of(tickets: int) -> int:
    """Return a moment by which everything about so many tickets has been told."""
    return OPENED + tickets * STEP + 3600


def desk(tickets: int) -> dict[str, Sequence[Json]]:
    """Return all a desk with so many tickets has, by the names Zendesk gives them."""
    return {
        "tickets": Lazy(tickets, _ticket),
        "ticket_events": Lazy(tickets * EVENTS, _event),
        "ticket_metric_events": Lazy(tickets * METRIC_EVENTS, _metric_event),
        "users": [
            {"id": 51, "name": "Ada", "role": "agent", "time_zone": "Berlin"},
            {"id": 52, "name": "Grace", "role": "admin", "iana_time_zone": "America/New_York"},
        ],
        "groups": [{"id": 31, "name": "Tier 1"}, {"id": 32, "name": "Tier 2"}],
        "group_memberships": [
            {"id": 1, "user_id": 51, "group_id": 31, "default": True},
            {"id": 2, "user_id": 52, "group_id": 31, "default": False},
            {"id": 3, "user_id": 52, "group_id": 32, "default": True},
        ],
        "sla_policies": [
            {
                "id": 4,
                "title": "Gold",
                "position": 1,
                "policy_metrics": [
                    {
                        "priority": priority,
                        "metric": "first_reply_time",
                        "target": 60,
                        "business_hours": True,
                    }
                    for priority in _PRIORITIES
                ],
            }
        ],
        "schedules": [
            {
                "id": 9,
                "name": "Weekdays",
                "time_zone": "Pacific Time (US & Canada)",
                "created_at": "2023-01-01T00:00:00Z",
                "updated_at": "2023-02-03T04:05:06Z",
                "intervals": [
                    {"start_time": day * 1440 + 540, "end_time": day * 1440 + 1020}
                    for day in range(1, 6)
                ],
            }
        ],
        "holidays": {
            "9": [
                {"id": 1, "name": "New Year", "start_date": "2024-01-01", "end_date": "2024-01-01"}
            ]
        },  # type: ignore[dict-item]
        "satisfaction_ratings": [
            {
                "id": number + 1,
                "ticket_id": number + 1,
                "score": "good" if number % 3 else "bad",
                "created_at": _iso(_begun(number) + 400),
                "updated_at": _iso(_begun(number) + 500),
            }
            for number in range(0, min(tickets, 1000), 7)
        ],
        "survey_responses": [
            {
                "id": f"01J1WB51MG6HXTYWE6Q0C9{number:04}",
                "subject_zrns": [f"zen:ticket:{number + 1}"],
                "subjects": [{"id": str(number + 1), "type": "ticket"}],
                "answers": [
                    {
                        "type": "rating_scale",
                        "rating": 1 + number % 5,
                        "rating_category": "good" if number % 5 >= 3 else "bad",
                        "created_at": _iso(_begun(number) + 450),
                        "updated_at": _iso(_begun(number) + 450),
                    },
                    {"type": "skipped", "question": {"type": "open_ended"}},
                ],
            }
            for number in range(0, min(tickets, 1000), 14)
        ],
    }


def _begun(number: int) -> int:
    return OPENED + number * STEP


def _iso(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_open(number: int) -> bool:
    return number % _STAYS_OPEN == _STAYS_OPEN - 1


def _agent(number: int) -> int:
    return _AGENTS[number % len(_AGENTS)]


def _ticket(number: int) -> Json:
    solved = not _is_open(number)
    return {
        "id": number + 1,
        "created_at": _iso(_begun(number)),
        "updated_at": _iso(_begun(number) + _SECONDS[-1]),
        "generated_timestamp": _begun(number) + _SECONDS[-1],
        "status": "solved" if solved else "open",
        "priority": _PRIORITIES[number % 4],
        "type": "incident" if number % 2 else "question",
        "subject": "My printer is on fire",
        "description": "It is burning " * 20,
        "requester_id": 1000 + number,
        "submitter_id": 1000 + number,
        "assignee_id": _agent(number),
        "group_id": _GROUPS[number % 2],
        "via": {"channel": "email", "source": {"from": {}, "to": {}, "rel": None}},
        "tags": ["printer"],
        "custom_fields": [{"id": field, "value": "x" * 10} for field in range(20)],
        "metric_set": {
            "ticket_id": number + 1,
            "replies": 2 if solved else 1,
            "reopens": 0,
            "reply_time_in_minutes": {"calendar": 2, "business": 0},
            "first_resolution_time_in_minutes": {
                "calendar": 4 if solved else None,
                "business": 0 if solved else None,
            },
            "full_resolution_time_in_minutes": {
                "calendar": 4 if solved else None,
                "business": 0 if solved else None,
            },
            "agent_wait_time_in_minutes": {"calendar": 1, "business": 0},
            "requester_wait_time_in_minutes": {"calendar": 3, "business": 0},
            "on_hold_time_in_minutes": {"calendar": 0, "business": 0},
        },
    }


def _event(place: int) -> Json:
    number, step = divmod(place, EVENTS)
    at = _begun(number) + _SECONDS[step]
    customer, agent = 1000 + number, _agent(number)
    record: Json = {
        "id": 10_000_000 + place,
        "ticket_id": number + 1,
        "timestamp": at,
        "created_at": _iso(at),
        "updater_id": customer if step in (0, 3) else agent,
        "event_type": "Audit",
        "via": "Email",
        "system": {"client": "a browser", "location": "somewhere"},
    }
    key = 50_000_000 + place * 10

    def change(name: str, value: object, before: object) -> Json:
        kind = "Create" if step == 0 else "Change"
        return {
            "id": key,
            "via": "Email",
            name: value,
            "previous_value": before,
            "event_type": kind,
        }

    def comment(author: int, *, public: bool) -> Json:
        return {
            "id": key + 5,
            "type": "Comment",
            "event_type": "Comment",
            "author_id": author,
            "public": public,
            "body": "Please put it out " * 10,
            "created_at": _iso(at),
            "via": {"channel": "email", "source": {"from": {}, "to": {}, "rel": None}},
        }

    children = {
        0: [
            change("subject", "My printer is on fire", None),
            change("status", "new", None),
            change("priority", _PRIORITIES[number % 4], None),
            change("group_id", str(_GROUPS[number % 2]), None),
            comment(customer, public=True),
        ],
        1: [change("assignee_id", str(agent), None), change("status", "open", "new")],
        2: [comment(agent, public=True), change("status", "pending", "open")],
        3: [comment(customer, public=True), change("status", "open", "pending")],
        4: [comment(agent, public=False)]
        if _is_open(number)
        else [comment(agent, public=True), change("status", "solved", "open")],
    }
    return record | {"child_events": children[step]}


def _metric_event(place: int) -> Json:
    number, step = divmod(place, METRIC_EVENTS)
    at = _begun(number) + _METRIC_SECONDS[step]
    metric = "requester_wait_time" if step in (2, 5) else "reply_time"
    kind = ("activate", "apply_sla", "activate", "fulfill", "update_status", "update_status")[step]
    record: Json = {
        "id": 90_000_000 + place,
        "ticket_id": number + 1,
        "metric": metric,
        "instance_id": 1,
        "type": kind,
        "time": _iso(at),
        "timestamp": at,
    }
    if kind == "apply_sla":
        record["sla"] = {
            "target": 60,
            "target_in_seconds": 3600,
            "business_hours": True,
            "policy": {"id": 4, "title": "Gold", "description": None},
        }
    if kind == "update_status":
        record["status"] = {"calendar": 2 if step == 4 else 3, "business": 0}
    return record

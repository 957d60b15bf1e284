"""Desks drawn at random: tickets that wait, bounce, come back, vanish, and logs with gaps."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from random import Random
from typing import Any, Final

from control_tower.raw.contract import METRICS, PRIORITIES
from tests.dbt.desk import Row, moment

__all__ = ["CLOCK_METRICS", "GROUPS", "Desk", "random_desk"]

CLOCK_METRICS: Final = METRICS
GROUPS: Final = ("Tier 1 Support", "Tier 2 Specialists", "Engineering", "Billing")

_OPENS: Final = moment("2026-03-02 00:00")
_AS_OF: Final = moment("2026-04-17 13:37")
"""The clocks change in New York on 8 March, in Casablanca on the 22nd, when Ramadan is over, in
London and Berlin on the 29th, and in Santiago, Sydney and Lord Howe (half an hour) on 5 April."""

_OFFICE: Final = ((540, 720), (765, 1050))
_ZONES: Final[tuple[tuple[str, range, tuple[tuple[int, int], ...]], ...]] = (
    ("Europe/Berlin", range(5), _OFFICE),
    ("America/New_York", range(5), ((480, 1020),)),
    ("America/Santiago", range(7), ((0, 1440),)),
    ("Australia/Lord_Howe", range(7), ((0, 300), (600, 1440))),
    ("Asia/Kathmandu", range(1, 6), ((615, 1065),)),
    ("Europe/London", range(6), ((0, 420), (1200, 1440))),
    ("Australia/Sydney", range(0, 7, 2), ((60, 1435),)),
    ("Africa/Casablanca", range(2, 7), ((0, 360), (365, 366), (900, 1440))),
    ("UTC", range(7), ((0, 1440),)),
)
_HOLIDAYS: Final = (date(2026, 3, 9), date(2026, 4, 3), date(2026, 4, 6), date(2026, 4, 20))

_CHOICES: Final[dict[str, int]] = {
    "replied": 30,
    "noted": 10,
    "customer_replied": 14,
    "put_on_hold": 8,
    "escalated": 8,
    "assigned": 10,
    "priority_changed": 8,
    "auto_replied": 3,
    "solved": 18,
    "closed": 2,
}


@dataclass(frozen=True)
class Desk:
    """The rows of a landing, and the moment they are looked at."""

    as_of: datetime
    tables: dict[str, list[Row]] = field(default_factory=dict)


def random_desk(seed: int, *, tickets: int) -> Desk:
    """Draw a desk with policies; the same seed draws the same desk."""
    random = Random(seed)  # noqa: S311
    desk = Desk(
        _AS_OF,
        {
            "agents": [
                {
                    "agent_id": n,
                    "agent_name": f"Agent {n}",
                    "group_name": random.choice((*GROUPS, None)),
                }
                for n in range(1, 13)
            ],
            "sla_policies": list(_policies(random)),
            "schedules": list(_schedules()),
            "holidays": [
                {"schedule_id": n, "holiday_date": day}
                for n in range(1, len(_ZONES))
                for day in _HOLIDAYS
            ],
        },
    )
    event_ids = count(1)
    for ticket_id in range(1, tickets + 1):
        ticket, events = _life(random, ticket_id, tickets, event_ids)
        _add(desk, "tickets", ticket)
        _add(desk, "ticket_events", *events)
        _add(desk, "ticket_schedules", *_own_schedules(random, ticket_id))
        _add(desk, "ticket_costs", *_costs(random, ticket_id))
        _add(desk, "satisfaction_ratings", *_ratings(random, ticket))
    for rows in desk.tables.values():
        random.shuffle(rows)
    return desk


def _add(desk: Desk, table: str, *rows: Row) -> None:
    desk.tables.setdefault(table, []).extend(rows)


def _schedules() -> Iterator[Row]:
    for schedule_id, (zone, weekdays, hours) in enumerate(_ZONES, start=1):
        for weekday in weekdays:
            for opens, closes in hours:
                yield {
                    "schedule_id": schedule_id,
                    "schedule_name": zone,
                    "time_zone": zone,
                    "weekday": weekday,
                    "opens": opens,
                    "closes": closes,
                    "is_default": schedule_id == 1,
                }


def _policies(random: Random) -> Iterator[Row]:
    conditions = (
        (11, 2, "incident", "enterprise"),
        (14, 1, "question", "enterprise"),
        (12, 3, "incident", None),
        (13, 4, None, "premium"),
        (9, 5, None, None),
        (10, 5, None, None),
        (21, 2, None, "premium"),
        (20, 6, None, None),
    )
    for policy_id, position, ticket_type, customer_tier in conditions:
        # One policy for customers has a target for groups too, two have nothing else.
        is_for_groups = policy_id >= 20
        for metric in CLOCK_METRICS:
            if is_for_groups != (metric == "group_ownership_time") and policy_id != 11:
                continue
            for priority in PRIORITIES:
                if random.random() < 0.12:
                    continue
                yield {
                    "policy_id": policy_id,
                    "policy_name": f"Policy {policy_id}",
                    "position": position,
                    "metric": metric,
                    "priority": priority,
                    "ticket_type": ticket_type,
                    "customer_tier": customer_tier,
                    "target_minutes": random.choice((0.5, 15.0, 60.0, 480.0, 1440.0, 9600.0)),
                    "is_business_hours": random.random() < 0.7,
                }


def _own_schedules(random: Random, ticket_id: int) -> Iterator[Row]:
    changes = random.choice((0, 0, 1, 1, 2))
    for days in random.sample(range(40), changes):
        yield {
            "ticket_id": ticket_id,
            "schedule_id": random.randint(1, len(_ZONES)),
            "effective_from": _OPENS + timedelta(days=days),
        }


def _costs(random: Random, ticket_id: int) -> Iterator[Row]:
    for group in random.sample(GROUPS, random.choice((0, 1, 1, 2))):
        minutes = round(random.uniform(0, 90), 1)
        yield {
            "ticket_id": ticket_id,
            "group_name": group,
            "handle_minutes": minutes,
            "cost_usd": random.choice((minutes, minutes / 2, None)),
        }


def _ratings(random: Random, ticket: Row) -> Iterator[Row]:
    for n in range(random.choice((0, 0, 1, 2))):
        seconds = (_AS_OF - ticket["created_at"]).total_seconds()
        # Two ratings at one moment: the later key counts.
        apart = random.choice((0.0, random.random()))
        yield {
            "rating_id": ticket["ticket_id"] * 10 + n,
            "ticket_id": ticket["ticket_id"],
            "score": random.randint(1, 5),
            "rated_at": ticket["created_at"] + timedelta(seconds=int(seconds * apart)),
        }


def _gap(random: Random) -> timedelta:
    """Return the time to the next event: none at all, moments, hours, or a weekend's worth."""
    longest = random.choices((0, 300, 5_400, 40_000, 400_000), (10, 20, 25, 25, 20))[0]
    seconds = random.randint(0, longest)
    if random.random() < 0.3:
        return timedelta(seconds=seconds - seconds % 1_800)
    return timedelta(seconds=seconds, microseconds=random.choice((0, 0, 1, 499_999)))


def _life(
    random: Random, ticket_id: int, tickets: int, event_ids: Iterator[int]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    created_at = _OPENS + random.random() ** 0.8 * (_AS_OF - _OPENS)
    if random.random() < 0.5:
        created_at = created_at.replace(minute=0, second=0, microsecond=0)
    has_priority = random.random() < 0.94
    # A ticket may be given a priority only later, and an agent may note a call already settled.
    priorities = PRIORITIES if random.random() < 0.9 else (None,)
    is_born_solved = random.random() < 0.04
    ticket: dict[str, Any] = {
        "ticket_id": ticket_id,
        "created_at": created_at,
        "ticket_type": random.choice(("incident", "question", None)),
        "priority": random.choice(priorities) if has_priority else None,
        "customer_tier": random.choice(("enterprise", "premium", "basic", None)),
        "group_name": random.choice((*GROUPS, None)),
        "assignee_id": random.choice((*range(1, 11), None)),
        "status": "solved" if is_born_solved else "new",
        "solved_at": created_at if is_born_solved else None,
        "is_deleted": random.random() < 0.05,
        "merged_into_ticket_id": random.randint(1, tickets) if random.random() < 0.05 else None,
    }
    actor = random.choice(("customer", "customer", "agent"))
    is_public = random.random() < 0.9
    events = [_event(ticket, next(event_ids), created_at, "created", actor, is_public=is_public)]
    now = created_at
    for _ in range(random.choice((0, 2, 5, 9, 14))):
        now += _gap(random)
        if now > _AS_OF or ticket["status"] == "closed":
            break
        activity, actor, is_public = _step(random, ticket, now, has_priority=has_priority)
        event = _event(ticket, next(event_ids), now, activity, actor, is_public=is_public)
        event["agent_id"] = random.randint(1, 12) if actor == "agent" else None
        events.append(event)
    return ticket, _as_logged(random, ticket, events)


def _event(
    ticket: Row, event_id: int, at: datetime, activity: str, actor: str, *, is_public: bool
) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "ticket_id": ticket["ticket_id"],
        "occurred_at": at,
        "activity": activity,
        "actor": actor,
        "is_public": is_public,
        **{name: ticket[name] for name in ("status", "priority", "group_name")},
    }


def _step(
    random: Random, ticket: dict[str, Any], now: datetime, *, has_priority: bool
) -> tuple[str, str, bool]:
    """Move a ticket on by one event, and return its activity, its actor, and if it was public."""
    if ticket["status"] == "solved":
        choice = random.choices(("reopened", "closed", "replied", "thanked"), (5, 3, 1, 1))[0]
    else:
        choice = random.choices(list(_CHOICES), list(_CHOICES.values()))[0]
    if choice == "replied" and ticket["status"] != "solved":
        ticket["status"] = random.choice(("open", "pending", ticket["status"]))
    elif choice in ("customer_replied", "reopened"):
        ticket["status"] = "open"
        ticket["solved_at"] = None
    elif choice == "put_on_hold":
        ticket["status"] = "hold"
    elif choice in ("solved", "closed"):
        ticket["status"] = choice
        ticket[f"{choice}_at"] = now
    elif choice == "priority_changed" and has_priority:
        ticket["priority"] = random.choice((*PRIORITIES, None))
    elif choice == "assigned" and ticket["status"] == "new":
        ticket["status"] = "open"
    if choice in ("escalated", "assigned") or random.random() < 0.1:
        ticket["group_name"] = random.choice((*GROUPS, None))
    by = "customer" if choice in ("customer_replied", "reopened", "thanked") else "agent"
    # Customers, too, say things that are not public; what the system says in public is no reply.
    is_said = choice in ("replied", "customer_replied", "thanked", "auto_replied")
    is_public = random.random() < (0.95 if is_said else 0.1)
    return choice, "system" if choice in ("closed", "auto_replied") else by, is_public


def _as_logged(random: Random, ticket: Row, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what a log keeps of a life: mostly all of it, now and then not its ends."""
    if random.random() < 0.03:
        return []
    if random.random() < 0.08 and len(events) > 1:
        events = events[1:]
    if random.random() < 0.15 and len(events) > 1 and ticket["status"] in ("solved", "closed"):
        events = events[:-1]
    return events

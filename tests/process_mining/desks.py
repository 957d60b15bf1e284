"""Small desks for tests: events and tickets as plain Python, drawn at random or written by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import strategies as st

from control_tower.process_mining.event_log import EventLog, event_log_of

__all__ = ["AS_OF", "Event", "desk", "desks", "events_in_order", "log_of", "path_log"]

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
AS_OF = datetime(2026, 5, 1, tzinfo=UTC)
ACTIVITIES = ("created", "assigned", "replied", "escalated", "reopened", "solved", "closed", "é →")
STATUSES = ("open", "pending", "solved", "closed")
GROUPS = ("Tier 1", "Tier 2", "Engineering", None)


@dataclass(frozen=True)
class Event:
    """One event, in the order of the log's columns."""

    event_id: int
    ticket_id: int
    occurred_at: datetime
    activity: str
    status: str
    group_name: str | None


@dataclass(frozen=True)
class Desk:
    """A random desk."""

    events: list[Event]
    tickets: list[dict[str, Any]]

    def log(self) -> EventLog:
        """Return it as the code under test takes it."""
        return log_of(self.events, self.tickets)


def log_of(events: Sequence[Event], tickets: Sequence[dict[str, Any]]) -> EventLog:
    """Return a log of these events and tickets."""
    return event_log_of(event_frame(events), ticket_frame(tickets), AS_OF)


def event_frame(events: Sequence[Event]) -> pl.DataFrame:
    """Return events as a frame."""
    return pl.DataFrame(
        [vars(event) for event in events],
        schema={
            "event_id": pl.Int64,
            "ticket_id": pl.Int64,
            "occurred_at": pl.Datetime("us", "UTC"),
            "activity": pl.String,
            "status": pl.String,
            "group_name": pl.String,
        },
    )


def ticket_frame(tickets: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """Return tickets as a frame."""
    return pl.DataFrame(
        list(tickets),
        schema={
            "ticket_id": pl.Int64,
            "group_name": pl.String,
            "priority": pl.String,
            "ticket_type": pl.String,
            "status": pl.String,
            "created_at": pl.Datetime("us", "UTC"),
            "solved_at": pl.Datetime("us", "UTC"),
            "closed_at": pl.Datetime("us", "UTC"),
            "cycle_hours": pl.Float64,
            "is_breached": pl.Boolean,
        },
    )


def events_in_order(events: Sequence[Event]) -> dict[int, list[Event]]:
    """Return each ticket's events in order of time and key: the definition."""
    tickets: dict[int, list[Event]] = {}
    for event in sorted(events, key=lambda e: (e.ticket_id, e.occurred_at, e.event_id)):
        tickets.setdefault(event.ticket_id, []).append(event)
    return tickets


def path_log(*paths: Sequence[str], status: str = "closed") -> EventLog:
    """Return a log of one ticket a path, an hour from event to event."""
    events: list[Event] = []
    for number, path in enumerate(paths, start=1):
        for step, activity in enumerate(path):
            moment = START + timedelta(hours=step)
            events.append(Event(len(events) + 1, number, moment, activity, "open", "Tier 1"))
    tickets = [
        {"ticket_id": number, "status": status, "created_at": START, "closed_at": AS_OF}
        for number in range(1, len(paths) + 1)
    ]
    return log_of(events, tickets)


@st.composite
def desks(draw: st.DrawFn) -> Desk:
    """Draw a desk: few activities and moments, so that ties and equal paths occur; any order."""
    count = draw(st.integers(0, 8))
    events: list[tuple[int, datetime, str, str, str | None]] = []
    tickets = []
    for ticket_id in draw(
        st.lists(st.integers(1, 10**6), min_size=count, max_size=count, unique=True)
    ):
        length = draw(st.integers(0, 7))
        minutes = draw(st.lists(st.integers(0, 4_000), min_size=length, max_size=length))
        events.extend(
            (
                ticket_id,
                START + timedelta(minutes=minute // 3 * 3),
                draw(st.sampled_from(ACTIVITIES[: draw(st.integers(1, len(ACTIVITIES)))])),
                draw(st.sampled_from(STATUSES)),
                draw(st.sampled_from(GROUPS)),
            )
            for minute in minutes
        )
        status = draw(st.sampled_from([*STATUSES, None]))
        is_solved = status in ("solved", "closed") and draw(st.booleans())
        tickets.append(
            {
                "ticket_id": ticket_id,
                "group_name": draw(st.sampled_from(GROUPS)),
                "priority": draw(st.sampled_from(["high", "low", None])),
                "ticket_type": draw(st.sampled_from(["question", None])),
                "status": status,
                "created_at": START + timedelta(days=draw(st.integers(0, 40))),
                "solved_at": AS_OF - timedelta(days=draw(st.integers(1, 50)))
                if is_solved
                else None,
                "closed_at": AS_OF if status == "closed" else None,
                "cycle_hours": draw(st.integers(0, 90)) / 4 if is_solved else None,
                "is_breached": draw(st.sampled_from([True, False, None])),
            }
        )
    keys = draw(st.permutations(range(1, len(events) + 1)))
    return Desk(
        [Event(key, *event) for key, event in zip(keys, events, strict=True)],
        draw(st.permutations(tickets)),
    )


desk = Desk

"""What SLA clocks show, worked out slowly: a table with an entry for every minute.

Nothing here is shared with the models or with the code that lays out opening hours.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Final
from zoneinfo import ZoneInfo

from tests.dbt.desk import Row

__all__ = [
    "Clock",
    "MinuteTable",
    "Span",
    "State",
    "clock",
    "is_settled",
    "minute_tables",
    "spans",
    "states_of",
]

_MICROSECOND = timedelta(microseconds=1)
_MINUTE = 60_000_000


class MinuteTable:
    """Whether a desk is open, minute by minute, judged by the clock on its own wall."""

    def __init__(
        self, hours: Sequence[Row], holidays: Collection[date], first: datetime, last: datetime
    ) -> None:
        zone = ZoneInfo(hours[0]["time_zone"])
        weekly = [
            [(row["opens"], row["closes"]) for row in hours if row["weekday"] == weekday]
            for weekday in range(7)
        ]

        def is_open(at: int) -> bool:
            wall = datetime.fromtimestamp(at, zone)
            if wall.date() in holidays:
                return False
            minute = wall.hour * 60 + wall.minute
            return any(opens <= minute < closes for opens, closes in weekly[wall.weekday()])

        self._first = first
        moments = range(int(first.timestamp()), int(last.timestamp()), 60)
        self._is_open = [is_open(at) for at in moments]
        self._open_before = list(accumulate(self._is_open, initial=0))

    @property
    def is_ever_open(self) -> bool:
        """Whether the desk opens at all within the table."""
        return self._open_before[-1] > 0

    def reading(self, at: datetime) -> int:
        """Return the open microseconds from the first minute of the table to a moment."""
        minute, rest = divmod((at - self._first) // _MICROSECOND, _MINUTE)
        return self._open_before[minute] * _MINUTE + (rest if self._is_open[minute] else 0)

    def spent(self, start: datetime, end: datetime) -> int:
        """Return the open microseconds between two moments."""
        return self.reading(end) - self.reading(start)

    def after(self, start: datetime, microseconds: int) -> datetime | None:
        """Return the first moment by which so much open time has passed; none if never."""
        wanted = self.reading(start) + microseconds
        minute = bisect_left(self._open_before, wanted, key=lambda minutes: minutes * _MINUTE)
        if minute == len(self._open_before):
            return None
        rest = wanted - self._open_before[minute - 1] * _MINUTE
        return self._first + timedelta(minutes=minute - 1, microseconds=rest)


class Calendar:
    """The clock of those who are always open."""

    def spent(self, start: datetime, end: datetime) -> int:
        """Return the microseconds between two moments."""
        return (end - start) // _MICROSECOND

    def after(self, start: datetime, microseconds: int) -> datetime:
        """Return the moment so much later."""
        return start + timedelta(microseconds=microseconds)


@dataclass(frozen=True)
class State:
    """What a ticket is from a moment on, and the event that made it so, if one tells."""

    began_at: datetime
    status: str
    group_name: str | None
    event: Row | None = None


@dataclass(frozen=True)
class Clock:
    """A clock as it stands at the tower's clock."""

    ended_at: datetime | None
    state: str
    elapsed_microseconds: int
    breach_at: datetime | None


def is_settled(status: str) -> bool:
    """Return whether a status means that the work is over."""
    return status in {"solved", "closed"}


def states_of(ticket: Row, events: Iterable[Row]) -> list[State]:
    """Return the states of a ticket in order, the ends its log leaves out put back."""
    logged = [
        State(event["occurred_at"], event["status"], event["group_name"], event)
        for event in sorted(events, key=lambda event: (event["occurred_at"], event["event_id"]))
    ]
    if not logged or logged[0].began_at > ticket["created_at"]:
        group = logged[0].group_name if logged else ticket.get("group_name")
        logged.insert(0, State(ticket["created_at"], "new", group))
    settled_at: datetime | None = ticket.get("solved_at") or ticket.get("closed_at")
    if settled_at and is_settled(ticket["status"]) and not is_settled(logged[-1].status):
        ended_at = max(settled_at, logged[-1].began_at) if logged[-1].event else settled_at
        logged.append(State(ended_at, ticket["status"], ticket.get("group_name")))
    return logged


@dataclass(frozen=True)
class Span:
    """The life of one clock: from when to when, when it ran, and which group it watches."""

    started_at: datetime
    ended_at: datetime | None
    stretches: Sequence[tuple[datetime, datetime | None]]
    holder: str | None = None


def clock(
    span: Span, as_of: datetime, target_microseconds: int | None, hours: MinuteTable | None
) -> Clock:
    """Return how a clock stands, walking its stretches one by one.

    Args:
        span: The life of the clock.
        as_of: The tower's clock.
        target_microseconds: The target, if the desk kept one.
        hours: The opening hours the clock keeps; none if it runs by the calendar.
    """
    keeper: MinuteTable | Calendar = hours or Calendar()
    elapsed, breach_at, is_running = 0, None, False
    for start, end in span.stretches:
        spent = keeper.spent(start, end or as_of)
        is_running = end is None
        if (
            target_microseconds is not None
            and elapsed < target_microseconds
            and (is_running or elapsed + spent >= target_microseconds)
        ):
            breach_at = keeper.after(start, target_microseconds - elapsed)
        elapsed += spent
    if not is_running and (target_microseconds is None or elapsed <= target_microseconds):
        breach_at = None
    state = "stopped" if span.ended_at else "active" if is_running else "paused"
    return Clock(span.ended_at, state, elapsed, breach_at)


def spans(metric: str, states: Sequence[State]) -> list[Span]:
    """Return the clocks of a metric that a ticket has had, in order of their start."""
    if metric in _MANY:
        return [
            Span(start, end, [(start, end)], holder) for start, end, holder in _MANY[metric](states)
        ]
    ended_at, stretches = _stretches(metric, states)
    return [Span(states[0].began_at, ended_at, stretches)]


_Piece = tuple[datetime, datetime | None, str | None]


def _waits_for_a_reply(states: Sequence[State]) -> Iterator[_Piece]:
    is_replied, waits_since = False, None
    for state in states:
        if _is_answer(state, states):
            if waits_since:
                yield waits_since, state.began_at, None
            waits_since = None
        elif is_replied and not waits_since and _is_by("customer", state, states):
            waits_since = state.began_at
        is_replied = is_replied or _is_by("agent", state, states)
    if waits_since:
        yield waits_since, None, None


def _waits_for_an_update(states: Sequence[State]) -> Iterator[_Piece]:
    updated_at = None
    for state in states:
        if _is_answer(state, states):
            if updated_at:
                yield updated_at, state.began_at, None
            is_told = _is_by("agent", state, states) and not is_settled(state.status)
            updated_at = state.began_at if is_told else None
    if updated_at:
        yield updated_at, None, None


def _holds(states: Sequence[State]) -> Iterator[_Piece]:
    holder, since = None, states[0].began_at
    for state in states:
        now = None if is_settled(state.status) else state.group_name
        if now != holder:
            if holder:
                yield since, state.began_at, holder
            holder, since = now, state.began_at
    if holder:
        yield since, None, holder


_MANY: Final[dict[str, Callable[[Sequence[State]], Iterator[_Piece]]]] = {
    "next_reply_time": _waits_for_a_reply,
    "periodic_update_time": _waits_for_an_update,
    "group_ownership_time": _holds,
}


def _is_by(actor: str, state: State, states: Sequence[State]) -> bool:
    """Return whether an actor spoke in public; what opened the ticket is no part of the talk."""
    return bool(
        state is not states[0]
        and state.event
        and state.event["actor"] == actor
        and state.event["is_public"]
    )


def _is_answer(state: State, states: Sequence[State]) -> bool:
    return is_settled(state.status) or _is_by("agent", state, states)


def _stretches(
    metric: str, states: Sequence[State]
) -> tuple[datetime | None, list[tuple[datetime, datetime | None]]]:
    settled_at = None
    for before, state in zip([None, *states], states, strict=False):
        if is_settled(state.status):
            if before is None or not is_settled(before.status):
                settled_at = state.began_at
        else:
            settled_at = None
    if metric == "first_reply_time":
        replies = (state.began_at for state in states if _is_by("agent", state, states))
        answered_at = next(replies, settled_at)
        return answered_at, [(states[0].began_at, answered_at)]
    running = {
        "requester_wait_time": {"new", "open", "hold"},
        "agent_work_time": {"new", "open"},
        "total_resolution_time": {"new", "open", "pending", "hold"},
    }[metric]
    ends = [*(state.began_at for state in states[1:]), None]
    return settled_at, [
        (state.began_at, end)
        for state, end in zip(states, ends, strict=True)
        if state.status in running
    ]


def minute_tables(
    schedules: Iterable[Row], holidays: Iterable[Row], first: datetime, last: datetime
) -> dict[int, MinuteTable]:
    """Return the minute table of every schedule, by its key."""
    by_schedule: dict[int, list[Row]] = {}
    for row in schedules:
        by_schedule.setdefault(row["schedule_id"], []).append(row)
    closed = [(row["schedule_id"], row["holiday_date"]) for row in holidays]
    return {
        key: MinuteTable(hours, {day for schedule, day in closed if schedule == key}, first, last)
        for key, hours in by_schedule.items()
    }

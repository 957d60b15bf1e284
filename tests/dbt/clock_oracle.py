"""What SLA clocks show, worked out slowly: a table with an entry for every minute.

Nothing here is shared with the models or with the code that lays out opening hours.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate
from zoneinfo import ZoneInfo

from tests.dbt.desk import Row

__all__ = ["Clock", "MinuteTable", "State", "clock", "is_settled", "minute_tables", "states_of"]

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
        group = logged[0].group_name if logged else ticket["group_name"]
        logged.insert(0, State(ticket["created_at"], "new", group))
    settled_at: datetime | None = ticket.get("solved_at") or ticket.get("closed_at")
    if settled_at and is_settled(ticket["status"]) and not is_settled(logged[-1].status):
        ended_at = max(settled_at, logged[-1].began_at) if logged[-1].event else settled_at
        logged.append(State(ended_at, ticket["status"], ticket["group_name"]))
    return logged


def clock(
    metric: str,
    states: Sequence[State],
    as_of: datetime,
    target_microseconds: int | None,
    hours: MinuteTable | None,
) -> Clock:
    """Return how a ticket's clock for a metric stands, walking its stretches one by one.

    Args:
        metric: One of the four metrics that run over the whole of a ticket.
        states: The ticket's states in order.
        as_of: The tower's clock.
        target_microseconds: The target, if the desk kept one.
        hours: The opening hours the clock keeps; none if it runs by the calendar.
    """
    keeper: MinuteTable | Calendar = hours or Calendar()
    ended_at, stretches = _stretches(metric, states)
    elapsed, breach_at, is_running = 0, None, False
    for start, end in stretches:
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
    state = "stopped" if ended_at else "active" if is_running else "paused"
    return Clock(ended_at, state, elapsed, breach_at)


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
    created_at = states[0].began_at
    if metric == "total_resolution_time":
        return settled_at, [(created_at, settled_at)]
    if metric == "first_reply_time":
        answered_at = next(_public_replies(states), settled_at)
        return answered_at, [(created_at, answered_at)]
    running = {
        "requester_wait_time": {"new", "open", "hold"},
        "agent_work_time": {"new", "open"},
    }[metric]
    ends = [*(state.began_at for state in states[1:]), None]
    return settled_at, [
        (state.began_at, end)
        for state, end in zip(states, ends, strict=True)
        if state.status in running
    ]


def _public_replies(states: Sequence[State]) -> Iterator[datetime]:
    """Yield when an agent answered in public; what opened the ticket is no answer."""
    for state in states[1:]:
        if state.event and state.event["actor"] == "agent" and state.event["is_public"]:
            yield state.began_at


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

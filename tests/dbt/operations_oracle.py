"""The rows of the other marts for a desk, counted one ticket, group and day at a time."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from statistics import fmean, median
from typing import Any, Final

from tests.dbt.clock_oracle import State, is_settled
from tests.dbt.desk import Row
from tests.dbt.sla_oracle import DeskOracle, Verdict

__all__ = [
    "agent_productivity",
    "daily_ops",
    "daily_totals",
    "group_performance",
    "label",
    "mean",
    "quantile",
    "ticket_outcome",
    "total",
]

_LINE: Final = ("Tier 1 Support", "Tier 2 Specialists", "Engineering")
_HOUR: Final = timedelta(hours=1)
_OF_TICKETS: Final = ("ticket_type", "channel", "customer_tier")


def label(group: str | None) -> str:
    """Return the name a group is reported under."""
    return group or "Unassigned"


def mean(values: Sequence[float | bool]) -> float | None:
    """Return the mean of what there is."""
    return fmean(values) if values else None


def total(values: Sequence[float | None]) -> float | None:
    """Return the sum of what is known; nothing known has no sum."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def quantile(values: Sequence[float], share: float) -> float | None:
    """Return a quantile, linear between the two values around it."""
    if not values:
        return None
    ordered = sorted(values)
    below, rest = divmod(share * (len(ordered) - 1), 1)
    low, high = ordered[int(below)], ordered[min(int(below) + 1, len(ordered) - 1)]
    return low + rest * (high - low)


@dataclass(frozen=True)
class _Turn:
    """One change of a ticket's state."""

    before: State | None
    after: State

    @property
    def day(self) -> date:
        return self.after.began_at.astimezone(UTC).date()

    @property
    def is_solved(self) -> bool:
        was = self.before is not None and is_settled(self.before.status)
        return is_settled(self.after.status) and not was

    @property
    def is_reopened(self) -> bool:
        was = self.before is not None and is_settled(self.before.status)
        return was and not is_settled(self.after.status)

    @property
    def left_group(self) -> str | None:
        """The group an open ticket left with this turn."""
        if self.before is None or is_settled(self.before.status):
            return None
        before = label(self.before.group_name)
        return before if before != label(self.after.group_name) else None


def ticket_outcome(oracle: DeskOracle, ticket_id: int) -> dict[str, Any]:
    """Return how a ticket went."""
    ticket, states = oracle.tickets[ticket_id], oracle.states[ticket_id]
    steps = [(a, b) for a, b in pairwise(states) if a.event and b.event]
    verdicts = [v for (key, *_), v in oracle.verdicts.items() if key == ticket_id]
    breaches = sum(verdict.status == "breached" for verdict in verdicts)
    solved_at, created_at = ticket.get("solved_at"), ticket["created_at"]
    replied_at = next(
        (
            state.began_at
            for state in states[1:]
            if state.event and state.event["actor"] == "agent" and state.event["is_public"]
        ),
        None,
    )
    costs = [row for row in oracle.rows("ticket_costs") if row["ticket_id"] == ticket_id]
    ratings = [r for r in oracle.rows("satisfaction_ratings") if r["ticket_id"] == ticket_id]
    ratings.sort(key=lambda row: (row["rated_at"], row["rating_id"]))
    return {
        "ticket_id": ticket_id,
        "group_name": label(ticket["group_name"]),
        "events": sum(state.event is not None for state in states),
        "reopens": sum(is_settled(a.status) and not is_settled(b.status) for a, b in steps),
        "escalations": sum(_is_escalated(a, b) for a, b in steps),
        "sla_targets": len(verdicts),
        "sla_breaches": breaches,
        "is_breached": breaches > 0 if verdicts else None,
        "cycle_hours": (solved_at - created_at) / _HOUR if solved_at else None,
        "first_reply_minutes": (replied_at - created_at) / _HOUR * 60 if replied_at else None,
        "handle_minutes": total([row["handle_minutes"] for row in costs]),
        "cost_usd": total([row["cost_usd"] for row in costs]),
        "csat_score": ratings[-1]["score"] if ratings else None,
        "is_open": not is_settled(ticket["status"]) and not ticket["is_deleted"],
    }


def _is_escalated(before: State, after: State) -> bool:
    if after.event and after.event["activity"] == "escalated":
        return True
    levels = {group: level for level, group in enumerate(_LINE)}
    was, now = levels.get(before.group_name or ""), levels.get(after.group_name or "")
    return was is not None and now is not None and now > was


def group_performance(oracle: DeskOracle, group: str) -> dict[str, Any]:
    """Return how a group does."""
    held = [
        ticket_outcome(oracle, key)
        for key, ticket in _counted(oracle)
        if label(ticket["group_name"]) == group
    ]
    kept = {key for key, _ in _counted(oracle)}
    costs = [
        row
        for row in oracle.rows("ticket_costs")
        if row["group_name"] == group and row["ticket_id"] in kept
    ]

    def known(name: str) -> list[Any]:
        return [row[name] for row in held if row[name] is not None]

    decided = [v for v in _decided(oracle) if v.group_name == group]
    return {
        "group_name": group,
        "tickets": len(held),
        "open_tickets": sum(row["is_open"] for row in held),
        "solved_tickets": len(known("cycle_hours")),
        "median_cycle_hours": quantile(known("cycle_hours"), 0.5),
        "p90_cycle_hours": quantile(known("cycle_hours"), 0.9),
        "median_first_reply_minutes": quantile(known("first_reply_minutes"), 0.5),
        "p90_first_reply_minutes": quantile(known("first_reply_minutes"), 0.9),
        "sla_attainment": mean([verdict.status == "within_sla" for verdict in decided]),
        "breach_rate": mean(known("is_breached")),
        "reopen_rate": mean([row["reopens"] > 0 for row in held]),
        "escalation_rate": mean([row["escalations"] > 0 for row in held]),
        "csat_mean": mean(known("csat_score")),
        "handle_minutes": total([row["handle_minutes"] for row in costs]),
        "cost_usd": total([row["cost_usd"] for row in costs]),
    }


def agent_productivity(oracle: DeskOracle, agent: Row) -> dict[str, Any]:
    """Return what an agent gets done."""
    key = agent["agent_id"]
    solved = [
        ticket_outcome(oracle, ticket_id)
        for ticket_id, ticket in _counted(oracle)
        if ticket["assignee_id"] == key and ticket.get("solved_at")
    ]
    days = {
        event["occurred_at"].astimezone(UTC).date()
        for event in oracle.rows("ticket_events")
        if event["actor"] == "agent" and event.get("agent_id") == key
    }
    keys = {row["ticket_id"] for row in solved}
    effort = [
        row["handle_minutes"]
        for row in oracle.rows("ticket_costs")
        if row["ticket_id"] in keys and agent["group_name"] in (None, row["group_name"])
    ]
    scores = [row["csat_score"] for row in solved if row["csat_score"] is not None]
    return {
        "agent_id": key,
        "group_name": label(agent["group_name"]),
        "days_worked": len(days),
        "tickets_solved": len(solved),
        "tickets_per_day": len(solved) / len(days) if days else None,
        "handle_minutes": total(effort),
        "median_cycle_hours": median(row["cycle_hours"] for row in solved) if solved else None,
        "reopen_rate": mean([row["reopens"] > 0 for row in solved]),
        "csat_mean": mean(scores),
    }


def daily_ops(oracle: DeskOracle, day: date, group: str) -> dict[str, Any]:
    """Return a day of a group; the backlog by looking at every ticket at the end of the day."""
    turns = [turn for turn in _turns(oracle) if turn.day == day]
    here = [turn for turn in turns if label(turn.after.group_name) == group]
    end = datetime.combine(day + timedelta(days=1), time(), UTC)
    decided = [
        verdict
        for verdict in _decided(oracle)
        if verdict.group_name == group and _decided_on(oracle, verdict) == day
    ]
    solved = {
        key: ticket
        for key, ticket in _counted(oracle)
        if ticket.get("solved_at") and ticket["solved_at"].date() == day
    }
    costs = [
        row
        for row in oracle.rows("ticket_costs")
        if row["ticket_id"] in solved and row["group_name"] == group
    ]
    counted = dict(_counted(oracle))
    scores = [
        row["score"]
        for row in oracle.rows("satisfaction_ratings")
        if row["rated_at"].date() == day
        and row["ticket_id"] in counted
        and label(counted[row["ticket_id"]]["group_name"]) == group
    ]
    cycles = [
        (ticket["solved_at"] - ticket["created_at"]) / _HOUR
        for ticket in solved.values()
        if label(ticket["group_name"]) == group
    ]
    return {
        "day": day,
        "group_name": group,
        "is_complete": end <= oracle.as_of,
        "created": sum(turn.before is None for turn in here),
        "reopened": sum(turn.is_reopened for turn in here),
        "received": sum(turn.left_group is not None for turn in here),
        "handed_over": sum(turn.left_group == group for turn in turns),
        "solved": sum(turn.is_solved for turn in here),
        "backlog": sum(_is_waiting(oracle.states[key], group, end) for key in counted),
        "breaches": sum(verdict.status == "breached" for verdict in decided),
        "sla_attainment": mean([verdict.status == "within_sla" for verdict in decided]),
        "median_cycle_hours": median(cycles) if cycles else None,
        "csat_mean": mean(scores),
        "handle_minutes": total([row["handle_minutes"] for row in costs]),
        "cost_usd": total([row["cost_usd"] for row in costs]),
    }


def daily_totals(oracle: DeskOracle) -> Mapping[tuple[Any, ...], Mapping[str, float]]:
    """Return what happened by day, group, priority, type, channel and tier.

    The backlog is counted by looking at every ticket at the end of every day.
    """
    found: dict[tuple[Any, ...], Counter[str]] = {}

    def happened(day: date, group: str, priority: str | None, of: Row, **what: Any) -> None:
        key = (day, group, priority, *(of.get(name) for name in _OF_TICKETS))
        found.setdefault(key, Counter()).update(what)

    counted = dict(_counted(oracle))
    for ticket in counted.values():
        now = label(ticket["group_name"]), ticket.get("priority"), ticket
        happened(ticket["created_at"].date(), *now, created=1)
        if ticket.get("solved_at"):
            costs = [
                row["cost_usd"]
                for row in oracle.rows("ticket_costs")
                if row["ticket_id"] == ticket["ticket_id"]
            ]
            cost = total(costs)
            known: dict[str, Any] = {} if cost is None else {"costed": 1, "cost_usd": cost}
            happened(ticket["solved_at"].date(), *now, solved=1, **known)
    for row in oracle.rows("satisfaction_ratings"):
        rated = counted.get(row["ticket_id"])
        if rated:
            now = label(rated["group_name"]), rated.get("priority"), rated
            happened(row["rated_at"].date(), *now, ratings=1, score_total=row["score"])
    for verdict in _decided(oracle):
        had = verdict.group_name, verdict.priority, verdict.ticket
        is_met = int(verdict.status == "within_sla")
        happened(_decided_on(oracle, verdict), *had, decided=1, met=is_met)
    for key, ticket in counted.items():
        day: date = ticket["created_at"].date()
        place: tuple[str, str | None] | None = None
        while day <= oracle.as_of.date():
            end = datetime.combine(day + timedelta(days=1), time(), UTC)
            before, place = place, _open_in(oracle.states[key], end)
            if place != before:
                for slice_, change in ((before, -1), (place, 1)):
                    if slice_:
                        happened(day, *slice_, ticket, backlog_change=change)
            day += timedelta(days=1)
    return found


def _open_in(states: Sequence[State], end: datetime) -> tuple[str, str | None] | None:
    """Return group and priority a ticket is open in just before a moment; None if it is not."""
    begun = [state for state in states if state.began_at < end]
    if not begun or is_settled(begun[-1].status):
        return None
    event = begun[-1].event
    return label(begun[-1].group_name), event["priority"] if event else None


def _counted(oracle: DeskOracle) -> Iterator[tuple[int, Row]]:
    """Yield the tickets that count: all but the deleted ones."""
    return ((key, row) for key, row in oracle.tickets.items() if not row["is_deleted"])


def _decided(oracle: DeskOracle) -> Iterator[Verdict]:
    return (verdict for verdict in oracle.verdicts.values() if verdict.is_decided)


def _decided_on(oracle: DeskOracle, verdict: Verdict) -> date:
    moment = verdict.clock.breach_at or verdict.clock.ended_at or oracle.as_of
    return moment.astimezone(UTC).date()


def _turns(oracle: DeskOracle) -> Iterator[_Turn]:
    for key, _ in _counted(oracle):
        states = oracle.states[key]
        for before, after in zip([None, *states], states, strict=False):
            yield _Turn(before, after)


def _is_waiting(states: Sequence[State], group: str, end: datetime) -> bool:
    """Return whether a ticket is open in a group just before a moment."""
    begun = [state for state in states if state.began_at < end]
    return bool(begun) and not is_settled(begun[-1].status) and label(begun[-1].group_name) == group

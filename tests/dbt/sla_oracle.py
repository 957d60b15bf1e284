"""The rows of `marts.sla` for a desk, from the desk's own rows and the slow clocks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import cast

from tests.dbt.clock_oracle import (
    Clock,
    MinuteTable,
    Span,
    State,
    clock,
    minute_tables,
    spans,
    states_of,
)
from tests.dbt.desk import Row
from tests.dbt.random_desk import CLOCK_METRICS, Desk

_GROUPS_METRIC = "group_ownership_time"
_OF_MANY_CLOCKS = ("next_reply_time", "periodic_update_time", _GROUPS_METRIC)

__all__ = ["DeskOracle", "Promise", "Verdict"]


@dataclass(frozen=True)
class Promise:
    """A target a ticket was given, or what the desk says came of it."""

    policy_name: str
    target_minutes: float | None
    is_business_hours: bool
    is_met: bool | None = None


@dataclass(frozen=True)
class Verdict:
    """A target and how it stands."""

    ticket: Row
    promise: Promise
    priority: str | None
    group_name: str
    started_at: datetime
    clock: Clock
    status: str

    @property
    def is_decided(self) -> bool:
        """Whether the outcome is known."""
        return self.status == "breached" or self.clock.state == "stopped"


class DeskOracle:
    """Everything that can be said of a desk by going through it ticket by ticket."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.as_of = desk.as_of
        by_ticket: dict[int, list[Row]] = {}
        for event in self.rows("ticket_events"):
            by_ticket.setdefault(event["ticket_id"], []).append(event)
        self.tickets = {row["ticket_id"]: row for row in self.rows("tickets")}
        self.states: dict[int, list[State]] = {
            key: states_of(ticket, by_ticket.get(key, [])) for key, ticket in self.tickets.items()
        }

    def rows(self, table: str) -> list[Row]:
        """Return the rows the desk landed in a table."""
        return self.desk.tables.get(table, [])

    @cached_property
    def hours(self) -> dict[int, MinuteTable]:
        """The minute tables of the desk's schedules, from before its tickets to a while ahead."""
        first = min(row["created_at"] for row in self.tickets.values())
        return minute_tables(
            self.rows("schedules"),
            self.rows("holidays"),
            first.replace(minute=0, second=0, microsecond=0) - timedelta(days=1),
            self.as_of.replace(second=0, microsecond=0) + timedelta(days=75),
        )

    @cached_property
    def verdicts(self) -> dict[tuple[int, str, int], Verdict]:
        """How every target stands, by ticket, metric and instance."""
        found: dict[tuple[int, str, int], Verdict] = {}
        for key in self.tickets:
            for metric in CLOCK_METRICS:
                for instance, span in enumerate(spans(metric, self.states[key]), start=1):
                    promise = self.promise(key, metric, span)
                    if promise:
                        found[key, metric, instance] = self.verdict(key, span, promise)
        return found

    def verdict(self, ticket_id: int, span: Span, promise: Promise) -> Verdict:
        """Return how a target stands, or would stand had it been given."""
        ticket = self.tickets[ticket_id]
        hours = self.hours_of(ticket_id)
        target = promise.target_minutes
        found = clock(
            span,
            self.as_of,
            None if target is None else round(target * 60_000_000),
            hours if promise.is_business_hours else None,
        )
        is_late = (
            not promise.is_met
            if target is None
            else found.elapsed_microseconds > round(target * 60_000_000)
        )
        return Verdict(
            ticket,
            promise,
            self.priority_of(ticket_id, span.ended_at or self.as_of),
            span.holder or ticket.get("group_name") or "Unassigned",
            span.started_at,
            found,
            "breached" if is_late else "within_sla",
        )

    def priority_of(self, ticket_id: int, at: datetime) -> str | None:
        """Return the priority a ticket had at a moment."""
        named = [
            (state.began_at, state.event["priority"])
            for state in self.states[ticket_id]
            if state.event and state.event["priority"]
        ]
        if not named:
            return cast(str | None, self.tickets[ticket_id]["priority"])
        return next((priority for began, priority in reversed(named) if began <= at), None)

    def schedule_of(self, ticket_id: int) -> int | None:
        """Return the latest schedule set for a ticket, else the desk's default."""
        own = [row for row in self.rows("ticket_schedules") if row["ticket_id"] == ticket_id]
        if own:
            return int(max(own, key=lambda row: row["effective_from"])["schedule_id"])
        return next(
            (row["schedule_id"] for row in self.rows("schedules") if row["is_default"]), None
        )

    def hours_of(self, ticket_id: int) -> MinuteTable | None:
        """Return the hours a ticket's business clocks keep; none if it has none to keep."""
        hours = self.hours.get(self.schedule_of(ticket_id) or 0)
        return hours if hours and hours.is_ever_open else None

    def promise(self, ticket_id: int, metric: str, span: Span) -> Promise | None:
        """Return the target of a clock: one applied, else that of the first policy to fit."""
        ticket = self.tickets[ticket_id]
        if ticket["is_deleted"] or ticket.get("merged_into_ticket_id") is not None:
            return None
        judged_at = span.ended_at or self.as_of
        if self.rows("sla_applications"):
            return self._applied(ticket_id, metric, judged_at)
        fitting = [
            row
            for row in self.rows("sla_policies")
            if row.get("ticket_type") in (None, ticket.get("ticket_type"))
            and row.get("customer_tier") in (None, ticket.get("customer_tier"))
            and (row["metric"] == _GROUPS_METRIC) == (metric == _GROUPS_METRIC)
        ]
        if not fitting:
            return None
        first = min(fitting, key=lambda row: (row["position"], row["policy_id"]))["policy_id"]
        priority = self.priority_of(ticket_id, judged_at)
        for row in fitting:
            if (row["policy_id"], row["metric"], row["priority"]) == (first, metric, priority):
                return self._promise(ticket_id, row)
        return None

    def _applied(self, ticket_id: int, metric: str, judged_at: datetime) -> Promise | None:
        rows = sorted(
            (
                row
                for row in self.rows("sla_applications")
                if row["ticket_id"] == ticket_id and row["metric"] == metric
            ),
            key=lambda row: row["applied_at"],
        )
        in_time = [row for row in rows if row["applied_at"] <= judged_at]
        if in_time:
            return self._promise(ticket_id, in_time[-1])
        return self._promise(ticket_id, rows[0]) if rows and metric not in _OF_MANY_CLOCKS else None

    def _promise(self, ticket_id: int, row: Row) -> Promise:
        # Without opening hours of its own or by default the clock can only run by the calendar.
        return Promise(
            row["policy_name"],
            row["target_minutes"],
            row["is_business_hours"] and self.hours_of(ticket_id) is not None,
            row.get("is_met"),
        )

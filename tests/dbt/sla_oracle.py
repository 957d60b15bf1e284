"""The rows of `marts.sla` for a desk, from the desk's own rows and the slow clocks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from tests.dbt.clock_oracle import Clock, MinuteTable, State, clock, minute_tables, states_of
from tests.dbt.desk import Row
from tests.dbt.random_desk import Desk

__all__ = ["DeskOracle", "Promise", "Verdict"]


@dataclass(frozen=True)
class Promise:
    """A target a ticket was given, or what the desk says came of it."""

    metric: str
    policy_name: str
    target_minutes: float | None
    is_business_hours: bool
    is_met: bool | None = None


@dataclass(frozen=True)
class Verdict:
    """A target and how it stands."""

    ticket: Row
    promise: Promise
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
    def verdicts(self) -> dict[tuple[int, str], Verdict]:
        """How every target stands, by ticket and metric."""
        return {
            (key, promise.metric): self.verdict(key, promise)
            for key in self.tickets
            for promise in self.promises(key)
        }

    def verdict(self, ticket_id: int, promise: Promise) -> Verdict:
        """Return how a target stands, or would stand had it been given."""
        ticket, states = self.tickets[ticket_id], self.states[ticket_id]
        hours = self.hours.get(self.schedule_of(ticket_id) or 0)
        target = promise.target_minutes
        found = clock(
            promise.metric,
            states,
            self.as_of,
            None if target is None else round(target * 60_000_000),
            hours if promise.is_business_hours else None,
        )
        is_late = (
            not promise.is_met
            if target is None
            else found.elapsed_microseconds > round(target * 60_000_000)
        )
        status = "breached" if is_late else "within_sla"
        return Verdict(ticket, promise, ticket["created_at"], found, status)

    def schedule_of(self, ticket_id: int) -> int | None:
        """Return the latest schedule set for a ticket, else the desk's default."""
        own = [row for row in self.rows("ticket_schedules") if row["ticket_id"] == ticket_id]
        if own:
            return int(max(own, key=lambda row: row["effective_from"])["schedule_id"])
        return next(
            (row["schedule_id"] for row in self.rows("schedules") if row["is_default"]), None
        )

    def promises(self, ticket_id: int) -> Iterator[Promise]:
        """Yield the targets of a ticket: those applied, else those of the first policy to fit."""
        ticket = self.tickets[ticket_id]
        if ticket["is_deleted"] or ticket.get("merged_into_ticket_id") is not None:
            return
        if self.rows("sla_applications"):
            yield from self._applied(ticket_id)
            return
        fitting = [
            row
            for row in self.rows("sla_policies")
            if row["ticket_type"] in (None, ticket["ticket_type"])
            and row["customer_tier"] in (None, ticket["customer_tier"])
        ]
        if not fitting:
            return
        first = min(fitting, key=lambda row: (row["position"], row["policy_id"]))["policy_id"]
        for row in fitting:
            if row["policy_id"] == first and row["priority"] == ticket["priority"]:
                yield self._promise(row)

    def _applied(self, ticket_id: int) -> Iterator[Promise]:
        latest: dict[str, Row] = {}
        for row in self.rows("sla_applications"):
            if row["ticket_id"] == ticket_id and (
                row["metric"] not in latest
                or row["applied_at"] > latest[row["metric"]]["applied_at"]
            ):
                latest[row["metric"]] = row
        for row in latest.values():
            yield self._promise(row)

    def _promise(self, row: Row) -> Promise:
        # Without any opening hours the clock can only run by the calendar.
        return Promise(
            row["metric"],
            row["policy_name"],
            row["target_minutes"],
            row["is_business_hours"] and bool(self.rows("schedules")),
            row.get("is_met"),
        )

"""What changed since the last look: alerts opened, worsened and resolved."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

import polars as pl

from control_tower.alerts.risk import POSSIBLE, RISKS
from control_tower.presentation import readable_minutes

__all__ = ["ALERTING", "Alert", "ClockKey", "Event", "News", "news_of"]

Event = Literal["opened", "worsened", "resolved"]

ALERTING: Final = RISKS[:3]
"""Classes that are news; a clock to watch is none."""

_EASED: Final = POSSIBLE / 2
"""Chance below which an alert is over though its clock runs on: well below the chance that opens
one, so that a chance about the line does not open and close the same alert again and again."""


class ClockKey(NamedTuple):
    """Which clock an alert is about."""

    ticket_id: int
    metric: str
    instance: int


@dataclass(frozen=True)
class Alert:
    """An alert that is open, as it was last told.

    Attributes:
        risk: The most urgent class told since it was opened.
        group_name: Group that held the ticket then.
        priority: Priority then; None where the source has none.
    """

    risk: str
    group_name: str
    priority: str | None


@dataclass(frozen=True)
class News:
    """One change: what happened to which clock's alert."""

    event: Event
    key: ClockKey
    group_name: str
    priority: str | None
    risk: str
    previous_risk: str | None
    remaining_minutes: float | None
    breach_at: datetime | None
    breach_probability: float | None
    reason: str


def news_of(
    at_risk: pl.DataFrame, told: Mapping[ClockKey, Alert], stopped: pl.DataFrame
) -> Iterator[News]:
    """Yield what is new in a table of clocks at risk, given what was told before.

    An alert opens when its clock is breached, critical or high; worsens when its class is more
    urgent than any told since; and is resolved when the clock has stopped, is gone, or runs on
    with a chance below one in eight. A paused clock leaves its alert as it is. Telling the news
    and looking again at the same table yields none.

    Args:
        at_risk: `alerts.at_risk_tickets`; news comes in its order, resolved alerts last.
        told: The open alerts.
        stopped: Clocks that have stopped, `marts.sla`'s ticket_id, metric, instance,
            remaining_minutes, breach_at and sla_status; those of open alerts suffice.
    """
    running: set[ClockKey] = set()
    eased: list[tuple[ClockKey, dict[str, Any]]] = []
    for row in at_risk.iter_rows(named=True):
        key = ClockKey(row["ticket_id"], row["metric"], row["instance"])
        running.add(key)
        before = told.get(key)
        if row["risk"] in ALERTING:
            if before is None:
                yield _news("opened", key, row, None, row["reason"])
            elif RISKS.index(row["risk"]) < RISKS.index(before.risk):
                yield _news("worsened", key, row, before.risk, row["reason"])
        elif before and row["clock_state"] == "active" and row["breach_probability"] < _EASED:
            eased.append((key, row))
    for key, row in eased:
        yield _news("resolved", key, row, told[key].risk, f"Out of danger: {row['reason']}")
    outcomes = {
        ClockKey(row["ticket_id"], row["metric"], row["instance"]): row
        for row in stopped.iter_rows(named=True)
    }
    for key in sorted(told.keys() - running):
        alert, outcome = told[key], outcomes.get(key)
        yield News(
            event="resolved",
            key=key,
            group_name=alert.group_name,
            priority=alert.priority,
            risk=alert.risk,
            previous_risk=alert.risk,
            remaining_minutes=outcome["remaining_minutes"] if outcome else None,
            breach_at=outcome["breach_at"] if outcome else None,
            breach_probability=None,
            reason=_how_it_ended(outcome),
        )


def _news(
    event: Event, key: ClockKey, row: Mapping[str, Any], previous: str | None, reason: str
) -> News:
    return News(
        event=event,
        key=key,
        group_name=row["group_name"],
        priority=row["priority"],
        risk=row["risk"],
        previous_risk=previous,
        remaining_minutes=row["remaining_minutes"],
        breach_at=row["breach_at"],
        breach_probability=row["breach_probability"],
        reason=reason,
    )


def _how_it_ended(outcome: Mapping[str, Any] | None) -> str:
    if outcome is None:
        return "The ticket no longer has this target"
    remaining = outcome["remaining_minutes"]
    if outcome["sla_status"] == "breached":
        late = "" if remaining is None else f", {readable_minutes(-remaining)} late"
        return f"The clock stopped{late}"
    left = "" if remaining is None else f" with {readable_minutes(remaining)} to spare"
    return f"The clock stopped in time{left}"

"""Running clocks that may miss their target, in words people act on."""

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from control_tower.presentation import readable_minutes
from control_tower_dash.filters import Filters
from control_tower_dash.warehouse import Reader

__all__ = ["RISK_SIGNS", "at_risk", "metric_label", "time_left"]

RISK_SIGNS: Final[Mapping[str, str]] = {
    "breached": "✕ breached",
    "critical": "▲▲ critical",
    "high": "▲ high",
    "watch": "○ watch",
}
"""Each class of risk with the sign that tells it apart without colour, most urgent first."""


def at_risk(reader: Reader, filters: Filters, ticket_id: int | None = None) -> pl.DataFrame:
    """Return the clocks that run or are paused now, of all tickets or of one, most urgent first.

    Returns:
        risk (class), risk_label (sign and word), ticket_id, metric_label, group_name, priority,
        ticket_type, time_left (words), breach_at (null while a clock is paused within its target),
        breach_probability, policy_name, reason. The period does not matter: it is how things
        stand now.
    """
    own = filters.where("clocks", ("group", "priority", "type"))
    ticket = filters.where("outcomes", ("channel", "tier"))
    found = reader.query(
        f"""
        select
            clocks.ticket_id,
            clocks.metric,
            clocks.instance,
            clocks.group_name,
            clocks.priority,
            clocks.ticket_type,
            clocks.policy_name,
            clocks.clock_state,
            clocks.is_business_hours,
            clocks.remaining_minutes,
            clocks.breach_at,
            clocks.breach_probability,
            clocks.risk,
            clocks.reason
        from alerts.at_risk_tickets as clocks
        inner join marts.ticket_outcomes as outcomes on clocks.ticket_id = outcomes.ticket_id
        where {own.sql} and {ticket.sql} and (?::bigint is null or clocks.ticket_id = ?)
        """,  # noqa: S608
        [*own.parameters, *ticket.parameters, ticket_id, ticket_id],
    )
    order = {risk: place for place, risk in enumerate(RISK_SIGNS)}
    clocks = found.sort(
        pl.col("risk").replace_strict(order, return_dtype=pl.Int64),
        pl.col("breach_probability").neg(),
        "remaining_minutes",
        "ticket_id",
        "metric",
        "instance",
    )
    return clocks.with_columns(
        metric_label(),
        pl.Series("time_left", [time_left(row) for row in clocks.iter_rows(named=True)], pl.String),
        risk_label=pl.col("risk").replace_strict(RISK_SIGNS, return_dtype=pl.String),
    ).select(
        "risk",
        "risk_label",
        "ticket_id",
        "metric_label",
        "group_name",
        "priority",
        "ticket_type",
        "time_left",
        "breach_at",
        "breach_probability",
        "policy_name",
        "reason",
    )


def metric_label() -> pl.Expr:
    """Return the SLA metric of a column metric as a heading has it, as metric_label."""
    words = pl.col("metric").str.strip_suffix("_time").str.replace_all("_", " ", literal=True)
    return (words.str.head(1).str.to_uppercase() + words.str.slice(1)).alias("metric_label")


def time_left(clock: Mapping[str, Any]) -> str:
    """Return what is left on a clock in words, and whether only opening hours count.

    Args:
        clock: remaining_minutes, is_business_hours, clock_state.
    """
    remaining = clock["remaining_minutes"]
    says = (
        f"passed {readable_minutes(-remaining)} ago"
        if remaining < 0
        else f"{readable_minutes(remaining)} left"
    )
    notes = [
        *(["opening hours"] if clock["is_business_hours"] else []),
        *(["paused"] if clock["clock_state"] == "paused" else []),
    ]
    return f"{says} ({', '.join(notes)})" if notes else says

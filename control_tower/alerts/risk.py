"""The clocks of today: how likely each is to pass its target, how urgent that is, and why."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import polars as pl

from control_tower.alerts.history import BreachHistory
from control_tower.presentation import readable_minutes

__all__ = ["POSSIBLE", "RISKS", "at_risk_tickets", "risk_class", "unjudged"]

RISKS: Final = ("breached", "critical", "high", "watch")
"""From the most to the least urgent."""

LIKELY: Final = 0.5
POSSIBLE: Final = 0.25
SOON_MINUTES: Final = 120.0
"""Time left on a clock that a shift can still make a difference in."""

_SPOKEN_METRICS: Final = {
    "first_reply_time": "first reply",
    "next_reply_time": "next reply",
    "periodic_update_time": "periodic update",
    "requester_wait_time": "requester wait",
    "agent_work_time": "agent work",
    "total_resolution_time": "resolution",
    "group_ownership_time": "group ownership",
}

_FEW: Final = 5
_HARDLY: Final = 0.05


def risk_class() -> pl.Expr:
    """Return the risk class of clocks, from what they show and their breach probability.

    Breached: past the target. Critical: more likely than not to pass it, with at most two hours
    left on the clock. High: more likely than not, or one in four with at most two hours left.
    Watch: all others, and every paused clock within its target, for which nobody can do anything
    before the customer answers.
    """
    probability, remaining = pl.col("breach_probability"), pl.col("remaining_minutes")
    is_soon = remaining <= SOON_MINUTES
    return (
        pl.when(remaining < 0)
        .then(pl.lit("breached"))
        .when(pl.col("clock_state") == "paused")
        .then(pl.lit("watch"))
        .when((probability >= LIKELY) & is_soon)
        .then(pl.lit("critical"))
        .when((probability >= LIKELY) | ((probability >= POSSIBLE) & is_soon))
        .then(pl.lit("high"))
        .otherwise(pl.lit("watch"))
    )


def at_risk_tickets(clocks: pl.DataFrame, history: BreachHistory, as_of: datetime) -> pl.DataFrame:
    """Return `alerts.at_risk_tickets`: the clocks that run or are paused now, most urgent first.

    Args:
        clocks: Numbered clocks.
        history: How clocks went on.
        as_of: The tower's clock.
    """
    going_on = clocks.filter(pl.col("clock_state") != "stopped")
    order = {risk: place for place, risk in enumerate(RISKS)}
    judged = history.chances_at(as_of, going_on).with_columns(risk_class().alias("risk"))
    reasons = [_reason(row) for row in judged.iter_rows(named=True)]
    return (
        judged.with_columns(pl.Series("reason", reasons, dtype=pl.String))
        .sort(
            pl.col("risk").replace_strict(order, return_dtype=pl.Int64),
            pl.col("breach_probability").neg(),
            "remaining_minutes",
            "ticket_id",
            "metric",
            "instance",
        )
        .select(
            "ticket_id",
            "metric",
            "instance",
            "group_name",
            "priority",
            "ticket_type",
            "policy_name",
            "clock_state",
            "is_business_hours",
            "started_at",
            "target_minutes",
            "elapsed_minutes",
            "remaining_minutes",
            "breach_at",
            "breach_probability",
            "similar_clocks",
            "risk",
            "reason",
        )
    )


def unjudged(sla: pl.DataFrame, at_risk: pl.DataFrame) -> list[str]:
    """Return a sentence if a clock with a target that has not stopped has no row."""
    missing = sla.filter(
        (pl.col("clock_state") != "stopped") & pl.col("target_minutes").is_not_null()
    ).join(at_risk, on=["ticket_id", "metric", "instance"], how="anti")
    return [
        f"{row['metric']} of ticket {row['ticket_id']} has not stopped and has no row in "
        f"at_risk_tickets ({missing.height:,} in all); compute the room anew"
        for row in missing.head(1).iter_rows(named=True)
    ]


def _reason(row: Mapping[str, Any]) -> str:
    """Return why a clock has its risk, in one sentence."""
    metric = _SPOKEN_METRICS.get(row["metric"], row["metric"])
    goal = f"{readable_minutes(row['target_minutes'])} {metric}"
    who = ", ".join(row[name] for name in ("group_name", "priority") if row[name])
    if row["risk"] == "breached":
        return f"{goal} target passed {readable_minutes(-row['remaining_minutes'])} ago ({who})"
    left = f"{readable_minutes(row['remaining_minutes'])} left of {goal}"
    if row["clock_state"] == "paused":
        left += ", the clock paused"
    if row["similar_clocks"] < _FEW:
        return f"{left}; few tickets were ever at this point, so judged by wider kinds ({who})"
    share = _in_ten(row["breach_probability"])
    return f"{left}; {share} tickets like it at this point went on to breach ({who})"


def _in_ten(probability: float) -> str:
    if probability < _HARDLY:
        return "hardly any"
    if probability > 1 - _HARDLY:
        return "nearly all"
    return f"{min(max(round(probability * 10), 1), 9)} in 10"

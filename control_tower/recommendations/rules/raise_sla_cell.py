"""Raise the targets that are missed most beyond what the desk allows itself."""

from typing import Any

import polars as pl

from control_tower.recommendations.action import Action, EvidenceRow, confidence_of
from control_tower.recommendations.period import DAYS_PER_MONTH, Period
from control_tower.recommendations.reach import best_weeks_share
from control_tower.recommendations.statistics import wilson_interval, z_score
from control_tower.recommendations.words import goal, metric_in_words, percent

__all__ = ["raise_sla_cell"]

_SMALLEST_CELL = 50
_FEWEST_A_MONTH = 5.0
_SAMPLE_TICKETS = 20


def raise_sla_cell(
    sla: pl.DataFrame, sla_policy_targets: pl.DataFrame, period: Period
) -> list[Action]:
    """Return the action for the group, priority and metric furthest below its target.

    A cell counts with the targets of it decided in the period. Furthest is by missed targets
    beyond what the attainment target allows. It is taken to come as far as the best quarter of its
    own weeks or halfway to the target, whichever is further, and never beyond the target.

    Silent unless some cell has 50 decided targets, Wilson's interval of its attainment, at 95 %
    over all cells at once, lies below the target, and that would save five missed targets a month.
    Silent without targets, priorities or attainment targets.

    Args:
        sla: Columns ticket_id, metric, group_name, priority, target_minutes, elapsed_minutes,
            sla_status, is_decided, decided_at.
        sla_policy_targets: Columns priority, attainment_target (fraction of one).
        period: Which decisions count.
    """
    decided = sla.filter(pl.col("is_decided") & period.holds("decided_at")).with_columns(
        is_met=pl.col("sla_status") == "within_sla"
    )
    cells = (
        decided.group_by("group_name", "priority", "metric")
        .agg(decided=pl.len(), met=pl.col("is_met").sum())
        .filter(pl.col("decided") >= _SMALLEST_CELL)
        .join(sla_policy_targets, on="priority")
        .with_columns(beyond=pl.col("attainment_target") * pl.col("decided") - pl.col("met"))
        .sort("beyond", "group_name", "priority", "metric", descending=[True, False, False, False])
    )
    z = z_score(cells.height)
    for cell in cells.iter_rows(named=True):
        action = _judge(cell, decided, z, period)
        if action:
            return [action]
    return []


def _judge(cell: dict[str, Any], decided: pl.DataFrame, z: float, period: Period) -> Action | None:
    attainment = wilson_interval(cell["met"], cell["decided"], z)
    target = float(cell["attainment_target"])
    own = decided.filter(
        pl.col("group_name") == cell["group_name"],
        pl.col("priority") == cell["priority"],
        pl.col("metric") == cell["metric"],
    )
    best = best_weeks_share(own, "decided_at", "is_met", highest=True)
    halfway = (attainment.estimate + target) / 2
    is_by_weeks = best is not None and best >= halfway
    reachable = min(target, best) if is_by_weeks and best is not None else halfway
    a_month = period.per_month(cell["decided"])
    avoided = (reachable - attainment.estimate) * a_month
    if attainment.upper >= target or avoided < _FEWEST_A_MONTH:
        return None
    basis = "halfway to the target"
    if is_by_weeks:
        basis = "in the best weeks" if reachable < target else "at the target"
    confidence = confidence_of(
        cell["decided"], target - attainment.estimate, target - attainment.upper
    )
    metric, group = metric_in_words(cell["metric"]), cell["group_name"]
    what = f"{metric} on {cell['priority']} tickets"
    return Action(
        action_id=f"raise_sla_cell:{group}/{cell['priority']}/{cell['metric']}",
        question=1,
        title=f"Meet more targets for {what} in {group}",
        action=(
            f"Look through {cell['priority']} tickets in {group} twice a day and take first those "
            f"closest to their target for {metric}, until {goal(target)} are met; go through the "
            "worst misses, in the evidence, with the team."
        ),
        evidence=(
            f"{cell['met']:,} of {cell['decided']:,} targets for {what} in {group} were met in "
            f"the last {period.days:.0f} days: {percent(attainment.estimate)} (interval "
            f"{percent(attainment.lower)} to {percent(attainment.upper)}); the target is "
            f"{goal(target)}"
            + ("." if best is None else f", and the best quarter of weeks reached {percent(best)}.")
        ),
        metric="SLA attainment",
        estimated_impact=avoided,
        impact_unit="missed targets avoided a month",
        breaches_avoided=avoided,
        arithmetic=(
            f"{cell['decided']:,} targets x {DAYS_PER_MONTH} / {period.days:.0f} days = "
            f"{a_month:,.1f} a month; x ({percent(reachable)} {basis} - "
            f"{percent(attainment.estimate)} met) = {avoided:,.1f} missed targets avoided a month."
        ),
        # What rests on an assumption is not sure, however precise the rest.
        confidence=confidence if is_by_weeks or confidence == "low" else "medium",
        owner_group=group,
        rows=_missed(own),
    )


def _missed(own: pl.DataFrame) -> list[EvidenceRow]:
    rows = (
        own.filter(~pl.col("is_met"))
        .with_columns(over=(pl.col("elapsed_minutes") - pl.col("target_minutes")) / 60)
        .sort("over", "ticket_id", descending=[True, False], nulls_last=True)
        .head(_SAMPLE_TICKETS)
    )
    return [
        EvidenceRow(f"ticket {ticket_id}", "time over target", over, "hours", ticket_id)
        for ticket_id, over in rows.select("ticket_id", "over").iter_rows()
    ]

"""Raise the targets that are missed most beyond what the desk allows itself."""

import polars as pl

from control_tower.recommendations.action import Action, EvidenceRow, confidence_of
from control_tower.recommendations.period import DAYS_PER_MONTH, Period
from control_tower.recommendations.statistics import wilson_interval, z_score
from control_tower.recommendations.words import goal, metric_in_words, percent

__all__ = ["raise_sla_cell"]

_SMALLEST_CELL = 50
_FEWEST_MISSES_A_MONTH = 5.0
_SAMPLE_TICKETS = 20


def raise_sla_cell(
    sla: pl.DataFrame, sla_policy_targets: pl.DataFrame, period: Period
) -> list[Action]:
    """Return the action for the group, priority and metric furthest below its target.

    A cell counts with the targets of it decided in the period. Furthest is by missed targets a
    month beyond what the attainment target allows.

    Silent unless some cell has 50 decided targets, Wilson's interval of its attainment, at 95 %
    over all cells at once, lies below the target, and at least five targets a month are missed
    beyond what is allowed. Silent without targets, priorities or attainment targets.

    Args:
        sla: Columns ticket_id, metric, group_name, priority, sla_status, is_decided, decided_at.
        sla_policy_targets: Columns priority, attainment_target (fraction of one).
        period: Which decisions count.
    """
    decided = sla.filter(pl.col("is_decided") & period.holds("decided_at"))
    cells = (
        decided.group_by("group_name", "priority", "metric")
        .agg(decided=pl.len(), met=(pl.col("sla_status") == "within_sla").sum())
        .filter(pl.col("decided") >= _SMALLEST_CELL)
        .join(sla_policy_targets, on="priority")
        .with_columns(
            beyond=pl.col("attainment_target") * pl.col("decided") - pl.col("met"),
        )
        .sort("beyond", "group_name", "priority", "metric", descending=[True, False, False, False])
    )
    z = z_score(cells.height)
    for cell in cells.iter_rows(named=True):
        attainment = wilson_interval(cell["met"], cell["decided"], z)
        target = float(cell["attainment_target"])
        avoided = period.per_month(cell["beyond"])
        if attainment.upper >= target or avoided < _FEWEST_MISSES_A_MONTH:
            continue
        what = f"{metric_in_words(cell['metric'])} on {cell['priority']} tickets"
        missed = _missed(decided, cell)
        return [
            Action(
                action_id=f"raise_sla_cell:{cell['group_name']}/{cell['priority']}/{cell['metric']}",
                question=1,
                title=f"Raise {what} in {cell['group_name']}",
                action=(
                    f"Put {cell['priority']} tickets first in {cell['group_name']} until "
                    f"{goal(target)} of their targets for {metric_in_words(cell['metric'])} "
                    "are met; review the missed ones listed below with the team."
                ),
                evidence=(
                    f"{cell['met']:,} of {cell['decided']:,} targets for {what} were met in the "
                    f"last {period.days:.0f} days: {percent(attainment.estimate)} (interval "
                    f"{percent(attainment.lower)} to {percent(attainment.upper)}), "
                    f"{goal(target)} is the target."
                ),
                metric="SLA attainment",
                estimated_impact=avoided,
                impact_unit="missed targets avoided a month",
                breaches_avoided=avoided,
                arithmetic=(
                    f"{goal(target)} of {cell['decided']:,} targets is "
                    f"{target * cell['decided']:,.1f}; {cell['met']:,} were met, "
                    f"{cell['beyond']:,.1f} short. {cell['beyond']:,.1f} x {DAYS_PER_MONTH} / "
                    f"{period.days:.0f} days = {avoided:,.1f} a month."
                ),
                confidence=confidence_of(
                    cell["decided"], target - attainment.estimate, target - attainment.upper
                ),
                owner_group=cell["group_name"],
                rows=missed,
            )
        ]
    return []


def _missed(decided: pl.DataFrame, cell: dict[str, object]) -> list[EvidenceRow]:
    rows = (
        decided.filter(
            pl.col("group_name") == cell["group_name"],
            pl.col("priority") == cell["priority"],
            pl.col("metric") == cell["metric"],
            pl.col("sla_status") == "breached",
        )
        .with_columns(over=(pl.col("elapsed_minutes") - pl.col("target_minutes")) / 60)
        .sort("over", "ticket_id", descending=[True, False], nulls_last=True)
        .head(_SAMPLE_TICKETS)
    )
    return [
        EvidenceRow(f"ticket {ticket_id}", "time over target", over, "hours", ticket_id)
        for ticket_id, over in rows.select("ticket_id", "over").iter_rows()
    ]

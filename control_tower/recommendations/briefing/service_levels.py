"""First question: are we hitting SLA, per group, priority and type?"""

import polars as pl

from control_tower.recommendations.action import QUESTIONS
from control_tower.recommendations.briefing.page import NOT_IN_SOURCE, Figure, Section, Table
from control_tower.recommendations.briefing.weeks import Week, by_week, change_of_share
from control_tower.recommendations.words import goal, percent

__all__ = ["service_levels"]

_SMALLEST_CELL = 10
_DIMENSIONS = {"group_name": "group", "priority": "priority", "ticket_type": "type"}


def service_levels(sla: pl.DataFrame, sla_policy_targets: pl.DataFrame, week: Week) -> Section:
    """Return what share of the week's decided targets was met, and where fewest were.

    A change is judged by the number of tickets, not of targets, since a ticket's targets stand and
    fall together.

    Args:
        sla: Columns ticket_id, group_name, priority, ticket_type, sla_status, is_decided,
            decided_at.
        sla_policy_targets: Columns priority, attainment_target.
        week: The week.
    """
    decided = sla.filter("is_decided").with_columns(
        is_met=pl.col("sla_status") == "within_sla",
    )
    question = QUESTIONS[1]
    if decided.is_empty():
        return Section(question, f"SLA targets are {NOT_IN_SOURCE}.")
    now = decided.filter(week.holds("decided_at"))
    before = decided.filter(week.before.holds("decided_at"))
    if now.is_empty():
        return Section(question, "No target was decided in this week.")
    share, tickets = _attainment(now)
    change = change_of_share((share, tickets), _attainment(before), "up")
    missed_tickets = now.filter(~pl.col("is_met"))["ticket_id"].n_unique()
    targets = dict(sla_policy_targets.select("priority", "attainment_target").iter_rows())
    return Section(
        question,
        f"{percent(share)} of {now.height:,} decided targets were met"
        + (f" ({change.text})" if change else "")
        + _verdict(now, targets),
        figures=[
            Figure(
                "SLA attainment",
                percent(share),
                change,
                by_week(decided, "decided_at", pl.col("is_met").mean(), week),
            ),
            Figure(
                "Tickets that missed a target",
                percent(missed_tickets / tickets),
                change_of_share(
                    (missed_tickets / tickets, tickets),
                    _missed(before),
                    "down",
                ),
                by_week(
                    decided,
                    "decided_at",
                    pl.col("ticket_id").filter(~pl.col("is_met")).n_unique()
                    / pl.col("ticket_id").n_unique(),
                    week,
                ),
            ),
        ],
        table=_cells(now, before, targets),
    )


def _attainment(frame: pl.DataFrame) -> tuple[float, int]:
    mean = frame["is_met"].mean()
    return (float(mean) if isinstance(mean, float) else 0.0), frame["ticket_id"].n_unique()


def _missed(frame: pl.DataFrame) -> tuple[float, int]:
    tickets = frame["ticket_id"].n_unique()
    missed = frame.filter(~pl.col("is_met"))["ticket_id"].n_unique()
    return (missed / tickets if tickets else 0.0), tickets


def _verdict(now: pl.DataFrame, targets: dict[str, float]) -> str:
    shares = now.group_by("priority").agg(share=pl.col("is_met").mean())
    found = dict(shares.iter_rows())
    judged = {priority: target for priority, target in targets.items() if priority in found}
    below = [
        f"{priority} {percent(found[priority])} of {goal(target)}"
        for priority, target in judged.items()
        if found[priority] < target
    ]
    if below:
        return f"; below target: {', '.join(below)}."
    return "; every priority is on target." if judged else "."


def _cells(now: pl.DataFrame, before: pl.DataFrame, targets: dict[str, float]) -> Table | None:
    rows: list[list[str]] = []
    for dimension, word in _DIMENSIONS.items():
        cells = (
            now.drop_nulls(dimension)
            .group_by(dimension)
            .agg(
                share=pl.col("is_met").mean(),
                decided=pl.len(),
                tickets=pl.col("ticket_id").n_unique(),
            )
            .filter(pl.col("decided") >= _SMALLEST_CELL)
            .sort("share", dimension)
            .head(4)
        )
        for name, share, decided, tickets in cells.iter_rows():
            change = change_of_share(
                (share, tickets), _attainment(before.filter(pl.col(dimension) == name)), "up"
            )
            target = targets.get(name) if dimension == "priority" else None
            rows.append(
                [
                    f"{word}: {name}",
                    f"{decided:,}",
                    percent(share),
                    goal(target) if target else "",
                    change.text if change else "",
                ]
            )
    if not rows:
        return None
    return Table(["Where", "Targets decided", "Met", "Target", "Against the week before"], rows)

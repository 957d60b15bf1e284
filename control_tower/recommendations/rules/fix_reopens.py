"""Fix what tickets are reopened for most, beyond the rest of the desk."""

from typing import Any

import polars as pl

from control_tower.recommendations.action import DESK, Action, EvidenceRow, confidence_of
from control_tower.recommendations.period import DAYS_PER_MONTH, Period
from control_tower.recommendations.statistics import (
    difference_interval,
    like_with_like,
    wilson_interval,
    z_score,
)
from control_tower.recommendations.words import percent, points

__all__ = ["fix_reopens"]

_SMALLEST_SUBJECT = 100
_FEWEST_A_MONTH = 5.0
_SMALLEST_RATIO = 1.25
_SAMPLE_TICKETS = 20
_SUBJECTS = {"ticket_type": "type", "group_name": "group", "channel": "channel"}
_MINUTES_PER_HOUR = 60


def fix_reopens(outcomes: pl.DataFrame, period: Period) -> list[Action]:
    """Return the action for the type, group or channel with the most reopens beyond the rest.

    Silent unless 100 tickets of it were solved in the period, its reopen rate is at least 1.25
    times the rest's, Newcombe's interval of the difference, at 95 % over all types, groups and
    channels at once, lies above zero, and that makes five reopened tickets a month or more.

    Args:
        outcomes: Columns ticket_id, ticket_type, priority, group_name, channel, solved_at,
            cycle_hours, handle_minutes, reopens, is_deleted.
        period: Which solved tickets count.
    """
    solved = outcomes.filter(period.holds("solved_at") & ~pl.col("is_deleted")).with_columns(
        is_reopened=pl.col("reopens") > 0
    )
    total, reopened = solved.height, int(solved["is_reopened"].sum())
    subjects = pl.concat(
        [
            solved.drop_nulls(column)
            .group_by(name=pl.col(column).cast(pl.String))
            .agg(n=pl.len(), reopened=pl.col("is_reopened").sum())
            .filter((pl.col("n") >= _SMALLEST_SUBJECT) & (total - pl.col("n") >= _SMALLEST_SUBJECT))
            .with_columns(column=pl.lit(column))
            for column in _SUBJECTS
        ]
    ).sort("column", "name")
    z = z_score(subjects.height)
    best: tuple[float, dict[str, Any]] | None = None
    for row in subjects.iter_rows(named=True):
        rest, rest_reopened = total - row["n"], reopened - row["reopened"]
        interval = difference_interval(row["reopened"], row["n"], rest_reopened, rest, z)
        excess = interval.estimate * row["n"]
        rate, rest_rate = row["reopened"] / row["n"], rest_reopened / rest
        if (
            interval.lower > 0
            and rate >= _SMALLEST_RATIO * rest_rate
            and period.per_month(excess) >= _FEWEST_A_MONTH
            and (best is None or excess > best[0])
        ):
            best = (
                excess,
                {**row, "interval": interval, "rest": rest, "rest_reopened": rest_reopened},
            )
    return [_action(best[1], solved, period)] if best else []


def _action(found: dict[str, Any], solved: pl.DataFrame, period: Period) -> Action:
    column, name, n = found["column"], found["name"], found["n"]
    kind, interval = _SUBJECTS[column], found["interval"]
    own = solved.filter(pl.col(column) == name)
    again = own.filter("is_reopened")
    spared = period.per_month(interval.estimate * n)
    longer = _extra(own, "cycle_hours")
    work = _extra(own.with_columns(hours=pl.col("handle_minutes") / _MINUTES_PER_HOUR), "hours")
    # Hours of work are dearer than hours of waiting: they are what is counted, where known.
    hours, hours_kind = (work, "working") if work else (longer, "cycle")
    saved = spared * hours
    rate = wilson_interval(found["reopened"], n, z_score())
    rest_rate = found["rest_reopened"] / found["rest"]
    owner = name if column == "group_name" else _most(again, "group_name")
    return Action(
        action_id=f"fix_reopens:{kind}/{name}",
        question=4,
        title=f"Fix what reopens {kind} '{name}' tickets",
        action=(
            f"Read the reopened tickets of {kind} '{name}' in the evidence, name the three "
            "commonest causes and settle each with a checklist, an article or a fix before solving."
        ),
        evidence=(
            f"{found['reopened']:,} of {n:,} solved tickets of {kind} '{name}' were reopened in "
            f"the last {period.days:.0f} days: {percent(rate.estimate)} (95% interval "
            f"{percent(rate.lower)} to {percent(rate.upper)}), against {percent(rest_rate)} of "
            f"the rest; the difference is between {points(interval.lower)} and "
            f"{points(interval.upper)}."
        ),
        metric="reopen rate",
        estimated_impact=spared,
        impact_unit="reopened tickets avoided a month",
        impact_hours=saved,
        hours_kind="working" if hours_kind == "working" else "cycle",
        arithmetic=(
            f"({percent(rate.estimate)} - {percent(rest_rate)}) x {n:,} tickets x "
            f"{DAYS_PER_MONTH} / {period.days:.0f} days = {spared:,.1f} reopened tickets a month; "
            f"each takes {hours:,.2f} {hours_kind} hours more than one of the same priority and "
            f"type that stays solved: {saved:,.1f} {hours_kind} hours."
        ),
        confidence=confidence_of(n, interval.estimate, interval.lower),
        owner_group=owner or DESK,
        rows=[
            EvidenceRow(f"ticket {ticket_id}", "times reopened", reopens, "times", ticket_id)
            for ticket_id, reopens in again.sort(
                "reopens", "solved_at", "ticket_id", descending=[True, True, False]
            )
            .head(_SAMPLE_TICKETS)
            .select("ticket_id", "reopens")
            .iter_rows()
        ],
    )


def _extra(own: pl.DataFrame, outcome: str) -> float:
    """Return what a reopened ticket takes more of than one alike; 0 if within chance."""
    found = like_with_like(
        own,
        exposed="is_reopened",
        outcome=outcome,
        strata=("priority", "ticket_type"),
        z=z_score(),
    )
    return found.estimate if found and found.lower > 0 else 0.0


def _most(frame: pl.DataFrame, column: str) -> str | None:
    counted = frame.drop_nulls(column).group_by(column).len()
    ordered = counted.sort("len", column, descending=[True, False])
    return str(ordered[column][0]) if ordered.height else None

"""Move shifts to the hours in which the clocks begin that go on to be missed."""

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import polars as pl

from control_tower.recommendations.action import Action, EvidenceRow, confidence_of
from control_tower.recommendations.hours_of_week import (
    WEEKDAYS,
    answers_by_hour,
    default_zone,
    starts_by_hour,
)
from control_tower.recommendations.period import DAYS_PER_MONTH, Period
from control_tower.recommendations.statistics import difference_interval, z_score
from control_tower.recommendations.words import listed, percent

__all__ = ["move_shifts"]

_SMALLEST_CELL = 30
_FEWEST_A_MONTH = 5.0
_FEWEST_WEEKS = 4
_RECURRING_SHARE = 2 / 3
_MOST_HOURS = 3
_DAYS_PER_WEEK = 7


@dataclass(frozen=True)
class _Group:
    """What a group does in the period: work a ticket, and the share of its tickets that is late."""

    name: str
    started: int
    late: int
    usual: float
    agent_hours: int

    @property
    def share(self) -> float:
        return self.late / self.started


@dataclass(frozen=True)
class _Hours:
    """Hours of the week that get or give, taken together; `work` is what they lack or can spare."""

    names: list[str]
    started: int
    late: int
    answers: int
    work: float

    @property
    def share(self) -> float:
        return self.late / self.started


def move_shifts(
    sla: pl.DataFrame,
    events: pl.DataFrame,
    open_intervals: pl.DataFrame,
    schedules: pl.DataFrame,
    period: Period,
) -> list[Action]:
    """Return one action for each group whose late tickets begin in hours with too little work done.

    By group and local hour of the week: how many tickets' clocks began to run (those that come in
    overnight at the next opening), how many of them missed a target, and how much agents did.
    Hours get work if more of their tickets are late than in the rest, beyond chance and in two
    weeks of three, and less is done a ticket than usual in the group. Hours give work if no more
    are late than usual and more is done a ticket than usual: what is done beyond that is done on
    tickets that began earlier and could have been done then. Up to three hours with most late
    tickets, and three with most work to spare, are named. Tickets served that much earlier are
    taken to be late as often as those that begin in the giving hours.

    Silent for a group unless hours with 30 tickets each are told apart from the rest at 95 % over
    all hours of all groups at once, and moving saves five late tickets a month. Silent without
    targets, with under four weeks, and where the log does not say who acted.

    Args:
        sla: Columns ticket_id, group_name, started_at, is_business_hours, sla_status, is_decided.
        events: Columns occurred_at, group_name, agent_id, actor.
        open_intervals: Columns schedule_id, opens_at, closes_at.
        schedules: Columns schedule_id, time_zone, is_default.
        period: Which clocks and answers count, by when they started.
    """
    weekly = starts_by_hour(
        sla.filter(pl.col("is_decided") & period.holds("started_at")), open_intervals, schedules
    )
    answers = answers_by_hour(
        events.filter((pl.col("actor") == "agent") & period.holds("occurred_at")), schedules
    )
    groups = [
        _Group(name, started, late, did / started, agent_hours)
        for name, started, late, did, agent_hours in weekly.group_by("group_name")
        .agg(pl.col("started", "late").sum())
        .join(
            answers.group_by("group_name").agg(pl.col("answers", "agent_hours").sum()),
            on="group_name",
        )
        .sort("group_name")
        .iter_rows()
    ]
    cells = _cells(weekly, answers, groups)
    z = z_score(cells.height)
    zone = default_zone(schedules)
    found = (
        _for_group(group, cells.filter(pl.col("group_name") == group.name), z, zone, period)
        for group in groups
    )
    return [action for action in found if action]


def _cells(weekly: pl.DataFrame, answers: pl.DataFrame, groups: list[_Group]) -> pl.DataFrame:
    """Return hours with enough tickets, and in which share of weeks more than usual were late."""
    shares = pl.DataFrame(
        {"group_name": [g.name for g in groups], "usual_share": [g.share for g in groups]},
        schema={"group_name": pl.String, "usual_share": pl.Float64},
    )
    return (
        weekly.join(shares, on="group_name")
        .group_by("group_name", "weekday", "hour")
        .agg(
            pl.col("started", "late").sum(),
            weeks=pl.len(),
            worse_weeks=(pl.col("late") > pl.col("usual_share") * pl.col("started")).mean(),
        )
        .filter(pl.col("started") >= _SMALLEST_CELL)
        .join(answers, on=["group_name", "weekday", "hour"], how="left")
        .with_columns(pl.col("answers").fill_null(0))
        .sort("group_name", "weekday", "hour")
    )


def _for_group(
    group: _Group, cells: pl.DataFrame, z: float, zone: str, period: Period
) -> Action | None:
    getting, giving = _getting(group, cells, z), _giving(group, cells)
    if not getting or not giving:
        return None
    moved = min(getting.work, giving.work)
    tickets = moved / group.usual
    better = difference_interval(
        getting.late, getting.started, giving.late, giving.started, z_score()
    )
    avoided = period.per_month(tickets) * better.estimate
    if better.lower <= 0 or avoided < _FEWEST_A_MONTH:
        return None
    a_week = moved * _DAYS_PER_WEEK / period.days
    pace = group.usual * group.started / group.agent_hours if group.agent_hours else None
    people = f", about {a_week / pace:,.0f} agent-hours," if pace else ""
    return Action(
        action_id=f"move_shifts:{group.name}",
        question=2,
        title=f"Move {group.name} shifts to {getting.names[0]}",
        action=(
            f"Move {a_week:,.0f} replies' worth of work a week{people} in {group.name} from "
            f"{'; '.join(giving.names)} to {'; '.join(getting.names)} ({zone})."
        ),
        evidence=(
            f"Of {getting.started:,} tickets whose clocks began on {'; '.join(getting.names)}, "
            f"{percent(getting.share)} missed a target in the last {period.days:.0f} days, with "
            f"{getting.answers / getting.started:.1f} things done a ticket in those hours; on "
            f"{'; '.join(giving.names)} it was {percent(giving.share)} of {giving.started:,}, with "
            f"{giving.answers / giving.started:.1f}. {group.name} on average: "
            f"{percent(group.share)}, with {group.usual:.1f}."
        ),
        metric="SLA attainment",
        estimated_impact=avoided,
        impact_unit="late tickets avoided a month",
        breaches_avoided=avoided,
        arithmetic=(
            f"Work lacking: {group.usual:.2f} x {getting.started:,} - {getting.answers:,} = "
            f"{getting.work:,.0f}; to spare: {giving.answers:,} - {group.usual:.2f} x "
            f"{giving.started:,} = {giving.work:,.0f}. The smaller is enough for {moved:,.0f} / "
            f"{group.usual:.2f} = {tickets:,.1f} tickets in {period.days:.0f} days, "
            f"{period.per_month(tickets):,.1f} in {DAYS_PER_MONTH}; x ({percent(getting.share)} - "
            f"{percent(giving.share)}) = {avoided:,.1f} late tickets avoided a month."
        ),
        confidence=confidence_of(
            min(getting.started, giving.started), better.estimate, better.lower
        ),
        owner_group=group.name,
        rows=_rows(cells),
    )


def _getting(group: _Group, cells: pl.DataFrame, z: float) -> _Hours | None:
    chosen = []
    for cell in cells.iter_rows(named=True):
        beyond = difference_interval(
            cell["late"],
            cell["started"],
            group.late - cell["late"],
            group.started - cell["started"],
            z,
        )
        recurs = cell["weeks"] >= _FEWEST_WEEKS and cell["worse_weeks"] >= _RECURRING_SHARE
        lacks = group.usual * cell["started"] - cell["answers"]
        if group.started > cell["started"] and beyond.lower > 0 and recurs and lacks > 0:
            chosen.append((cell["late"] - group.share * cell["started"], lacks, cell))
    return _together(sorted(chosen, key=lambda one: -one[0])[:_MOST_HOURS])


def _giving(group: _Group, cells: pl.DataFrame) -> _Hours | None:
    chosen = []
    for cell in cells.iter_rows(named=True):
        spare = cell["answers"] - group.usual * cell["started"]
        if spare > 0 and cell["late"] <= group.share * cell["started"]:
            chosen.append((spare, spare, cell))
    return _together(sorted(chosen, key=lambda one: -one[0])[:_MOST_HOURS])


def _together(chosen: list[tuple[float, float, dict[str, Any]]]) -> _Hours | None:
    if not chosen:
        return None
    return _Hours(
        names=_names([(cell["hour"], cell["weekday"]) for _, _, cell in chosen]),
        started=sum(cell["started"] for _, _, cell in chosen),
        late=sum(cell["late"] for _, _, cell in chosen),
        answers=sum(cell["answers"] for _, _, cell in chosen),
        work=sum(work for _, work, _ in chosen),
    )


def _names(cells: list[tuple[int, int]]) -> list[str]:
    """Return hours of the week in words, the weekdays of the same hour together."""
    return [
        f"{listed([WEEKDAYS[weekday] for _, weekday in same])} {hour:02d}:00-{hour + 1:02d}:00"
        for hour, same in groupby(sorted(cells), key=itemgetter(0))
    ]


def _name(weekday: int, hour: int) -> str:
    return f"{WEEKDAYS[weekday]} {hour:02d}:00-{hour + 1:02d}:00"


def _rows(cells: pl.DataFrame) -> list[EvidenceRow]:
    rows: list[EvidenceRow] = []
    for cell in cells.iter_rows(named=True):
        name = _name(cell["weekday"], cell["hour"])
        rows += [
            EvidenceRow(name, "clocks begun", cell["started"], "tickets"),
            EvidenceRow(name, "late share", cell["late"] / cell["started"], "share"),
            EvidenceRow(name, "things done a ticket", cell["answers"] / cell["started"], "events"),
        ]
    return rows

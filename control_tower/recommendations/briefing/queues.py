"""Second question: where do tickets pile up - cycle time, volume or capacity?"""

import polars as pl

from control_tower.presentation import readable_hours
from control_tower.recommendations.action import QUESTIONS
from control_tower.recommendations.briefing.page import Figure, Section, Table
from control_tower.recommendations.briefing.weeks import Week, by_week, change_of
from control_tower.recommendations.words import percent, plural

__all__ = ["queues"]


def queues(
    outcomes: pl.DataFrame, daily_ops: pl.DataFrame, bottlenecks: pl.DataFrame, week: Week
) -> Section:
    """Return how long tickets took, how many came and went, and where they waited.

    Args:
        outcomes: Columns created_at, solved_at, cycle_hours, is_deleted.
        daily_ops: Columns day, group_name, is_complete, created, reopened, solved, backlog.
        bottlenecks: Columns group_name, rank, tickets, median_hours_in_group, waiting_share,
            breach_rate.
        week: The week.
    """
    question = QUESTIONS[2]
    days = daily_ops.filter(pl.col("day") <= week.sunday)
    if days.filter(week.holds_day("day")).is_empty():
        return Section(question, "No ticket was on the desk in this week.")
    came = by_week(days, "day", pl.col("created").sum() + pl.col("reopened").sum(), week)
    went = by_week(days, "day", pl.col("solved").sum(), week)
    backlog = by_week(
        days.filter(pl.col("day").dt.weekday() == 7), "day", pl.col("backlog").sum(), week
    )
    solved = outcomes.drop_nulls(["solved_at", "cycle_hours"]).filter(~pl.col("is_deleted"))
    median = by_week(solved, "solved_at", pl.col("cycle_hours").median(), week)
    slowest = by_week(solved, "solved_at", pl.col("cycle_hours").quantile(0.9, "linear"), week)
    first = bottlenecks.filter(pl.col("rank") == 1)
    return Section(
        question,
        _answer(came[-1] or 0, went[-1] or 0, backlog[-1], median[-1])
        + (_where(first) if first.height else ""),
        figures=[
            Figure(
                "Median cycle time",
                readable_hours(median[-1]),
                change_of(median, "down", "hours"),
                median,
            ),
            Figure(
                "One in ten takes longer than",
                readable_hours(slowest[-1]),
                change_of(slowest, "down", "hours"),
                slowest,
            ),
            Figure(
                "Tickets that came in",
                f"{came[-1] or 0:,.0f}",
                change_of(came, "neither", "percent"),
                came,
            ),
            Figure(
                "Tickets solved",
                f"{went[-1] or 0:,.0f}",
                change_of(went, "neither", "percent"),
                went,
            ),
            Figure(
                "Backlog at the week's end",
                "not known" if backlog[-1] is None else f"{backlog[-1]:,.0f}",
                change_of(backlog, "down", "count"),
                backlog,
            ),
        ],
        table=_groups(bottlenecks),
    )


def _answer(came: float, went: float, backlog: float | None, median: float | None) -> str:
    rest = "" if backlog is None else f", {plural(backlog, 'ticket')} left open"
    speed = "" if median is None else f"; half were solved within {readable_hours(median)}"
    return f"{plural(came, 'ticket')} came in and {went:,.0f} were solved{rest}{speed}."


def _where(first: pl.DataFrame) -> str:
    row = first.row(0, named=True)
    waiting = row["waiting_share"]
    return f" Tickets pile up most in {row['group_name']}" + (
        f", where {percent(waiting, 0)} of the time is waiting." if waiting is not None else "."
    )


def _groups(bottlenecks: pl.DataFrame) -> Table | None:
    ranked = bottlenecks.drop_nulls("rank").sort("rank").head(5)
    if ranked.is_empty():
        return None
    rows = [
        [
            row["group_name"],
            f"{row['tickets']:,}",
            readable_hours(row["median_hours_in_group"]),
            "" if row["waiting_share"] is None else percent(row["waiting_share"], 0),
            "" if row["breach_rate"] is None else percent(row["breach_rate"]),
        ]
        for row in ranked.iter_rows(named=True)
    ]
    header = ["Group, worst first", "Tickets", "Median time there", "Waiting", "Missed a target"]
    return Table(header, rows)

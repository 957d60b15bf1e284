"""Fourth question: what hurts customer satisfaction - reopens, escalations, slow cycles?"""

import polars as pl

from control_tower.recommendations.action import QUESTIONS
from control_tower.recommendations.briefing.page import NOT_IN_SOURCE, Figure, Section, Table
from control_tower.recommendations.briefing.weeks import Week, by_week, change_of, change_of_share
from control_tower.recommendations.period import Period
from control_tower.recommendations.statistics import LikeWithLike, like_with_like, z_score
from control_tower.recommendations.words import percent

__all__ = ["satisfaction"]

_SLOW = 0.75
_STRATA = ("priority", "ticket_type")


def satisfaction(outcomes: pl.DataFrame, period: Period, week: Week) -> Section:
    """Return the week's ratings, reopens and escalations, and what goes with lower ratings.

    What hurts is measured over the period, on rated tickets: the mean rating with it less the one
    without it, among tickets of the same priority and type, with a 95 % interval over all four
    together. It is what goes together, not proof of a cause.

    Args:
        outcomes: Columns solved_at, priority, ticket_type, cycle_hours, csat_score, escalations,
            reopens, is_breached, is_deleted.
        period: Which solved tickets tell what hurts.
        week: The week.
    """
    question = QUESTIONS[4]
    solved = outcomes.filter(~pl.col("is_deleted")).drop_nulls("solved_at")
    if solved.is_empty():
        return Section(question, "No ticket was solved.")
    rated = solved.drop_nulls("csat_score")
    figures = [
        _share_figure("Tickets reopened", solved, pl.col("reopens") > 0, week),
        _share_figure("Tickets escalated", solved, pl.col("escalations") > 0, week),
    ]
    if rated.is_empty():
        return Section(
            question, f"Ratings are {NOT_IN_SOURCE}; reopens and escalations are below.", figures
        )
    weeks = by_week(rated, "solved_at", pl.col("csat_score").mean(), week)
    value = "none" if weeks[-1] is None else f"{weeks[-1]:.2f} of 5"
    figures.insert(0, Figure("Mean rating", value, change_of(weeks, "up", "points"), weeks))
    found = _what_hurts(rated.filter(period.holds("solved_at")))
    hurting = sorted(
        ((name, hurt) for name, hurt in found.items() if hurt.upper < 0),
        key=lambda pair: pair[1].estimate,
    )
    if hurting:
        name, hurt = hurting[0]
        answer = (
            f"Mean rating {value}; {name.lower()} hurt most: {-hurt.estimate:.2f} points lower."
        )
    else:
        answer = f"Mean rating {value}; nothing measured goes with lower ratings beyond chance."
    return Section(question, answer, figures, _table(found))


def _share_figure(label: str, solved: pl.DataFrame, happened: pl.Expr, week: Week) -> Figure:
    def share_in(one: Week) -> tuple[float, int]:
        mean = solved.filter(one.holds("solved_at")).select(happened.mean()).item()
        return float(mean or 0.0), solved.filter(one.holds("solved_at")).height

    now = share_in(week)
    return Figure(
        label,
        percent(now[0]) if now[1] else "none solved",
        change_of_share(now, share_in(week.before), "down"),
        by_week(solved, "solved_at", happened.mean(), week),
    )


def _what_hurts(rated: pl.DataFrame) -> dict[str, LikeWithLike]:
    slow = pl.col("cycle_hours") > pl.col("cycle_hours").quantile(_SLOW).over(
        "priority", "ticket_type"
    )
    marked = rated.with_columns(
        reopened=pl.col("reopens") > 0, escalated=pl.col("escalations") > 0, slow=slow
    )
    factors = {
        "Reopened tickets": "reopened",
        "Escalated tickets": "escalated",
        "The slowest quarter": "slow",
        "Missed targets": "is_breached",
    }
    found: dict[str, LikeWithLike] = {}
    for name, column in factors.items():
        difference = like_with_like(
            marked, exposed=column, outcome="csat_score", strata=_STRATA, z=z_score(len(factors))
        )
        if difference:
            found[name] = difference
    return found


def _table(found: dict[str, LikeWithLike]) -> Table | None:
    if not found:
        return None
    rows = [
        [
            name,
            f"{hurt.exposed:,}",
            f"{hurt.estimate:+.2f}",
            f"{hurt.lower:+.2f} to {hurt.upper:+.2f}",
        ]
        for name, hurt in sorted(found.items(), key=lambda pair: pair[1].estimate)
    ]
    return Table(["Like with like", "Rated tickets", "Rating points", "Interval"], rows)

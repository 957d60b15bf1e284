"""Cut the deviation from the documented path that costs most."""

import polars as pl

from control_tower.recommendations.action import DESK, Action, EvidenceRow, confidence_of
from control_tower.recommendations.period import DAYS_PER_MONTH, Period
from control_tower.recommendations.reach import best_weeks_share, weeks_differ
from control_tower.recommendations.statistics import LikeWithLike, like_with_like, z_score
from control_tower.recommendations.words import percent

__all__ = ["cut_deviation"]

_FEWEST_TICKETS = 50
_SMALLEST_SHARE = 0.01
_SMALLEST_SAVING = 0.01
_SAMPLE_TICKETS = 20
_STRATA = ("priority", "ticket_type")


def cut_deviation(
    conformance: pl.DataFrame,
    outcomes: pl.DataFrame,
    period: Period,
) -> list[Action]:
    """Return the action for the deviation that costs most cycle hours the desk could spare itself.

    A deviation costs what the solved tickets of the period with it took longer than those without
    it, of the same priority and type. How many of them can be spared is read off the desk's best
    quarter of weeks.

    Silent unless a deviation concerns 50 solved tickets and 1 % of them, its extra hours lie above
    zero with 95 % over all deviations at once, its share differs between weeks by more than chance,
    and reaching the best weeks' level saves at least 1 % of all cycle hours. Silent without a path.

    Args:
        conformance: Columns ticket_id, deviations (list of names).
        outcomes: Columns ticket_id, priority, ticket_type, group_name, solved_at, cycle_hours,
            is_breached, is_deleted.
        period: Which solved tickets count.
    """
    solved = outcomes.filter(
        period.holds("solved_at") & ~pl.col("is_deleted") & pl.col("cycle_hours").is_not_null()
    ).join(conformance.select("ticket_id", "deviations"), on="ticket_id")
    candidates = (
        solved.select(pl.col("deviations").list.unique().explode())
        .drop_nulls()
        .group_by("deviations")
        .len()
        .filter(
            (pl.col("len") >= _FEWEST_TICKETS) & (pl.col("len") >= _SMALLEST_SHARE * solved.height)
        )
        .sort("deviations")
    )["deviations"].to_list()
    total_hours = float(solved["cycle_hours"].sum())
    found = [
        judged
        for name in candidates
        if (judged := _judge(str(name), solved, len(candidates), total_hours, period))
    ]
    return sorted(found, key=lambda action: -action.impact_hours)[:1]


def _judge(
    name: str, solved: pl.DataFrame, comparisons: int, total_hours: float, period: Period
) -> Action | None:
    marked = solved.with_columns(deviates=pl.col("deviations").list.contains(name))
    z = z_score(comparisons)
    extra = like_with_like(marked, exposed="deviates", outcome="cycle_hours", strata=_STRATA, z=z)
    if not extra or extra.lower <= 0 or not weeks_differ(marked, "solved_at", "deviates"):
        return None
    with_it = marked.filter("deviates")
    share = with_it.height / marked.height
    best = best_weeks_share(marked, "solved_at", "deviates", highest=False)
    if best is None or best >= share:
        return None
    tickets = period.per_month(marked.height)
    spared = (share - best) * tickets
    hours = spared * extra.estimate
    if hours < _SMALLEST_SAVING * period.per_month(total_hours):
        return None
    worse = like_with_like(marked, exposed="deviates", outcome="is_breached", strata=_STRATA, z=z)
    breaches = spared * worse.estimate if worse and worse.lower > 0 else 0.0
    owner = with_it.group_by("group_name").len().sort("len", "group_name", descending=[True, False])
    return Action(
        action_id=f"cut_deviation:{name}",
        question=2,
        title=f"Cut '{name}', the costliest way off the path",
        action=(
            f"Find out why tickets leave the documented path by '{name}' - begin with the slowest "
            f"listed below - and bring its share from {percent(share)} back to "
            f"{percent(best)}, where the best weeks had it."
        ),
        evidence=(
            f"{with_it.height:,} of {marked.height:,} tickets solved in the last "
            f"{period.days:.0f} days ({percent(share)}) did it. They took {extra.estimate:,.1f} h "
            f"longer than tickets of the same priority and type (interval {extra.lower:,.1f} to "
            f"{extra.upper:,.1f} h)." + _worse(worse)
        ),
        metric="cycle time",
        estimated_impact=hours,
        impact_unit="cycle hours saved a month",
        impact_hours=hours,
        hours_kind="cycle",
        breaches_avoided=breaches,
        arithmetic=(
            f"({percent(share)} - {percent(best)}) x {tickets:,.0f} tickets a month "
            f"({marked.height:,} x {DAYS_PER_MONTH} / {period.days:.0f} days) = {spared:,.1f} "
            f"tickets spared x {extra.estimate:,.1f} h = {hours:,.0f} cycle hours."
            + (
                f" {spared:,.1f} x {percent(worse.estimate)} more missing a target = "
                f"{breaches:,.1f} missed targets."
                if worse and breaches
                else ""
            )
        ),
        confidence=confidence_of(extra.exposed, extra.estimate, extra.lower),
        owner_group=str(owner["group_name"][0] or DESK),
        rows=[
            EvidenceRow(f"ticket {ticket_id}", f"cycle time, {name}", hours_, "hours", ticket_id)
            for ticket_id, hours_ in with_it.sort(
                "cycle_hours", "ticket_id", descending=[True, False]
            )
            .head(_SAMPLE_TICKETS)
            .select("ticket_id", "cycle_hours")
            .iter_rows()
        ],
    )


def _worse(worse: LikeWithLike | None) -> str:
    if not worse or worse.lower <= 0:
        return ""
    return (
        f" {percent(worse.estimate)} more of them missed a target (interval "
        f"{percent(worse.lower)} to {percent(worse.upper)})."
    )

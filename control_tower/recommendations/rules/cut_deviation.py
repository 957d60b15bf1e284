"""Cut the deviation from the documented path that costs most."""

import polars as pl

from control_tower.recommendations.action import DESK, Action, EvidenceRow, confidence_of
from control_tower.recommendations.period import DAYS_PER_MONTH, Period
from control_tower.recommendations.rates import Rates, score_usd
from control_tower.recommendations.reach import best_weeks_share, weeks_differ
from control_tower.recommendations.statistics import like_with_like, z_score
from control_tower.recommendations.words import percent, points

__all__ = ["cut_deviation"]

_FEWEST_TICKETS = 50
_SMALLEST_SHARE = 0.01
_SMALLEST_EXTRA_BREACH_RATE = 0.05
_SPARED_SHARE = 0.1
_SHADOW_SHARE = 0.8
_SAMPLE_TICKETS = 20
_STRATA = ("priority", "ticket_type")


def cut_deviation(
    conformance: pl.DataFrame,
    outcomes: pl.DataFrame,
    rates: Rates,
    period: Period,
    *,
    spared_share: float = _SPARED_SHARE,
) -> list[Action]:
    """Return the action for the deviation from the path that costs most and could be spared.

    A deviation costs what the solved tickets of the period with it took longer, and missed more
    targets, than those without it of the same priority and type. One in ten is taken to be spared,
    or as many as bring its share to that of the best quarter of weeks, if weeks differ by more than
    chance. A deviation of whose tickets four in five also show a rarer one only follows from those
    (a reopened ticket is assigned again), and is left out.

    Silent unless a deviation concerns 50 solved tickets and 1 % of them, its extra hours lie above
    zero, and its tickets miss a target at least five points more often, both with 95 % over all
    deviations at once: a detour that breaks no promise is not worth an action. Silent without a
    path, and without targets.

    Args:
        conformance: Columns ticket_id, deviations (list of names).
        outcomes: Columns ticket_id, priority, ticket_type, group_name, solved_at, cycle_hours,
            is_breached, is_deleted.
        rates: What hours and missed targets are worth.
        period: Which solved tickets count.
        spared_share: Share of the tickets with the deviation that can be spared it.
    """
    solved = outcomes.filter(
        period.holds("solved_at") & ~pl.col("is_deleted") & pl.col("cycle_hours").is_not_null()
    ).join(conformance.select("ticket_id", "deviations"), on="ticket_id")
    names = _candidates(solved)
    found = [
        action
        for name in names
        if (action := _judge(name, solved, z_score(len(names)), period, spared_share))
    ]
    return sorted(found, key=lambda action: -score_usd(action, rates))[:1]


def _candidates(solved: pl.DataFrame) -> list[str]:
    """Return the deviations that are frequent enough and do not only follow from rarer ones."""
    shown = (
        solved.select("ticket_id", deviation=pl.col("deviations").list.unique())
        .explode("deviation")
        .drop_nulls()
        .with_columns(tickets=pl.len().over("deviation"))
    )
    rarest = shown.group_by("ticket_id").agg(rarest=pl.col("tickets").min())
    return (
        shown.join(rarest, on="ticket_id")
        .group_by("deviation")
        .agg(
            pl.col("tickets").first(),
            follows=(pl.col("rarest") < pl.col("tickets")).mean(),
        )
        .filter(
            pl.col("tickets") >= _FEWEST_TICKETS,
            pl.col("tickets") >= _SMALLEST_SHARE * solved.height,
            pl.col("follows") < _SHADOW_SHARE,
        )
        .sort("deviation")["deviation"]
        .to_list()
    )


def _judge(
    name: str, solved: pl.DataFrame, z: float, period: Period, spared_share: float
) -> Action | None:
    marked = solved.with_columns(deviates=pl.col("deviations").list.contains(name))
    extra = like_with_like(marked, exposed="deviates", outcome="cycle_hours", strata=_STRATA, z=z)
    worse = like_with_like(marked, exposed="deviates", outcome="is_breached", strata=_STRATA, z=z)
    if not extra or extra.lower <= 0 or not worse or worse.lower < _SMALLEST_EXTRA_BREACH_RATE:
        return None
    with_it = marked.filter("deviates")
    share = with_it.height / marked.height
    best = best_weeks_share(marked, "solved_at", "deviates", highest=False)
    aim = (1 - spared_share) * share
    is_by_weeks = best is not None and best < aim and weeks_differ(marked, "solved_at", "deviates")
    if is_by_weeks and best is not None:
        aim = best
    tickets = period.per_month(marked.height)
    spared = (share - aim) * tickets
    confidence = confidence_of(extra.exposed, extra.estimate, extra.lower)
    hours, breaches = spared * extra.estimate, spared * worse.estimate
    return Action(
        action_id=f"cut_deviation:{name}",
        question=2,
        title=f"Cut '{name}', the costliest departure from the path",
        action=(
            f"Find out why tickets leave the documented path by '{name}', beginning with the "
            f"slowest in the evidence, and bring its share from {percent(share)} to "
            f"{percent(aim)}."
        ),
        evidence=(
            f"{with_it.height:,} of {marked.height:,} tickets solved in the last "
            f"{period.days:.0f} days ({percent(share)}) did it. They took {extra.estimate:,.1f} h "
            f"longer than tickets of the same priority and type (interval {extra.lower:,.1f} to "
            f"{extra.upper:,.1f} h), and missed a target {points(worse.estimate)} more often "
            f"(interval {points(worse.lower)} to {points(worse.upper)})."
        ),
        metric="cycle time",
        estimated_impact=hours,
        impact_unit="cycle hours saved a month",
        impact_hours=hours,
        hours_kind="cycle",
        breaches_avoided=breaches,
        arithmetic=(
            f"{marked.height:,} tickets x {DAYS_PER_MONTH} / {period.days:.0f} days = "
            f"{tickets:,.1f} a month, {percent(share, 2)} of them {share * tickets:,.1f} with it; "
            + (
                f"{percent(aim, 2)}, the best quarter of weeks, are {aim * tickets:,.1f}, so "
                if is_by_weeks
                else f"{percent(spared_share, 0)} of those spared, an assumption, are "
            )
            + f"{spared:,.1f} fewer; x {extra.estimate:,.2f} h = {hours:,.0f} cycle hours; x "
            f"{percent(worse.estimate)} = {breaches:,.1f} late tickets."
        ),
        # What rests on an assumption is not sure, however precise the rest.
        confidence=confidence if is_by_weeks or confidence == "low" else "medium",
        owner_group=_owner(with_it),
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


def _owner(with_it: pl.DataFrame) -> str:
    groups = with_it.drop_nulls("group_name").group_by("group_name").len()
    ordered = groups.sort("len", "group_name", descending=[True, False])
    return str(ordered["group_name"][0]) if ordered.height else DESK

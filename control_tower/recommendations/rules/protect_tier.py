"""Protect the customers who leave after they were let down."""

from dataclasses import dataclass

import polars as pl

from control_tower.recommendations.action import DESK, Action, EvidenceRow, confidence_of
from control_tower.recommendations.period import DAYS_PER_MONTH, Period
from control_tower.recommendations.rates import Rates
from control_tower.recommendations.statistics import LikeWithLike, like_with_like, z_score
from control_tower.recommendations.words import percent, points

__all__ = ["protect_tier"]

_FEWEST_TICKETS = 100
_HIGHEST_POOR_SCORE = 3
_SPARED_SHARE = 0.5
_SAMPLE_TICKETS = 20
_STRATA = ("priority", "ticket_type")


@dataclass(frozen=True)
class _Exposure:
    """Something that let a customer down."""

    column: str
    after: str
    remedy: str


_EXPOSURES = (
    _Exposure("is_breached", "a missed target", "put its tickets first when a target comes near"),
    _Exposure(
        "is_rated_poorly",
        "a rating of 3 or less",
        "call back within a day whoever rates a ticket 3 or less",
    ),
)


def protect_tier(
    outcomes: pl.DataFrame,
    rates: Rates,
    history: Period,
    *,
    spared_share: float = _SPARED_SHARE,
) -> list[Action]:
    """Return the action for the tier that loses most customers after it was let down.

    Tickets of a tier after which it is known whether the customer left are compared, those with
    the let-down against those without it, of the same priority and type. A customer with several
    tickets counts with each. The estimate assumes that half of the let-downs are spared, and is
    worth the given dollars a customer.

    Silent unless a tier has 100 tickets with the let-down and 100 without, and the interval of the
    difference, at 95 % over all tiers and both let-downs at once, lies above zero. Silent where
    churn or tiers are not known. What goes with churn need not cause it: the confidence is at most
    medium.

    Args:
        outcomes: Columns ticket_id, customer_tier, priority, ticket_type, group_name, created_at,
            csat_score, is_breached, churned_within_90_days, is_deleted.
        rates: What a lost customer costs.
        history: The stretch of time the tickets are from.
        spared_share: Share of the let-downs that the action spares.
    """
    known = outcomes.filter(~pl.col("is_deleted") & history.holds("created_at")).drop_nulls(
        ["churned_within_90_days", "customer_tier"]
    )
    if known.is_empty():
        return []
    known = known.with_columns(is_rated_poorly=pl.col("csat_score") <= _HIGHEST_POOR_SCORE)
    tiers = known["customer_tier"].unique().sort().to_list()
    z = z_score(len(tiers) * len(_EXPOSURES))
    # The last tickets' customers have not had ninety days to leave, so they do not count as time.
    judged_days = Period(known["created_at"].min(), known["created_at"].max())  # type: ignore[arg-type]
    best: tuple[float, Action] | None = None
    for tier in tiers:
        tickets = known.filter(pl.col("customer_tier") == tier)
        for exposure in _EXPOSURES:
            found = like_with_like(
                tickets,
                exposed=exposure.column,
                outcome="churned_within_90_days",
                strata=_STRATA,
                z=z,
            )
            if not found or found.lower <= 0 or min(found.exposed, found.others) < _FEWEST_TICKETS:
                continue
            action = _action(tier, exposure, tickets, found, rates, judged_days, spared_share)
            if best is None or action.impact_usd > best[0]:
                best = action.impact_usd, action
    return [best[1]] if best else []


def _action(
    tier: str,
    exposure: _Exposure,
    tickets: pl.DataFrame,
    found: LikeWithLike,
    rates: Rates,
    days: Period,
    spared_share: float,
) -> Action:
    let_down = tickets.filter(pl.col(exposure.column))
    rate = let_down["churned_within_90_days"].mean() or 0.0
    a_month = days.per_month(found.exposed)
    kept = a_month * spared_share * found.estimate
    usd = kept * rates.lost_customer_usd
    lost = let_down.filter("churned_within_90_days")
    owners = (
        let_down.group_by("group_name").len().sort("len", "group_name", descending=[True, False])
    )
    confidence = confidence_of(found.exposed, found.estimate, found.lower)
    return Action(
        action_id=f"protect_tier:{tier}/{exposure.column}",
        question=4,
        title=f"Protect {tier} customers after {exposure.after}",
        action=f"Mark {tier} customers in the queue: {exposure.remedy}.",
        evidence=(
            f"{percent(float(rate))} of {tier} customers left within 90 days of a ticket with "  # type: ignore[arg-type]
            f"{exposure.after} ({found.exposed:,} tickets): {points(found.estimate)} more than "
            f"after tickets alike without one (interval {points(found.lower)} to "
            f"{points(found.upper)}; same priority and type)."
        ),
        metric="customer churn",
        estimated_impact=kept,
        impact_unit="customers kept a month",
        impact_usd=usd,
        arithmetic=(
            f"{found.exposed:,} such tickets in {days.days:.0f} days are {a_month:,.1f} in "
            f"{DAYS_PER_MONTH}; {percent(spared_share, 0)} spared x {percent(found.estimate, 2)} = "
            f"{kept:,.2f} customers kept x {rates.lost_customer_usd:,.0f} USD = {usd:,.0f} USD."
        ),
        confidence="medium" if confidence == "high" else confidence,
        owner_group=str(owners["group_name"][0] or DESK),
        rows=[
            EvidenceRow(
                f"ticket {ticket_id}",
                f"customer left after {exposure.after}",
                1,
                "customers",
                ticket_id,
            )
            for ticket_id in lost.sort("created_at", "ticket_id", descending=[True, False]).head(
                _SAMPLE_TICKETS
            )["ticket_id"]
        ],
    )

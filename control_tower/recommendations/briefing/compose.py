"""Put the briefing together from the tower's tables."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from control_tower.presentation import readable_time
from control_tower.recommendations.action import Action
from control_tower.recommendations.briefing.advice import advice_of, what_to_do
from control_tower.recommendations.briefing.capacity import capacity
from control_tower.recommendations.briefing.page import Briefing
from control_tower.recommendations.briefing.queues import queues
from control_tower.recommendations.briefing.satisfaction import satisfaction
from control_tower.recommendations.briefing.service_levels import service_levels
from control_tower.recommendations.briefing.weeks import last_full_week
from control_tower.recommendations.period import Period
from control_tower.recommendations.rates import Rates

__all__ = ["compose"]


def compose(
    *,
    as_of: datetime,
    described_as: str,
    sla: pl.DataFrame,
    outcomes: pl.DataFrame,
    daily_ops: pl.DataFrame,
    sla_policy_targets: pl.DataFrame,
    bottlenecks: pl.DataFrame,
    capacity_outlook: pl.DataFrame,
    volume_forecast: pl.DataFrame,
    at_risk: pl.DataFrame,
    actions: Sequence[Action],
    rates: Rates,
    period: Period,
) -> Briefing:
    """Return the briefing on the last full week before the tower's clock.

    Frames are the tables of those names, with at least the columns the section that reads them
    says; any of them may be empty.

    Args:
        as_of: The tower's clock.
        described_as: What the source is, in words.
        sla: Every target and how it stands.
        outcomes: How each ticket went.
        daily_ops: Each day of each group.
        sla_policy_targets: Attainment asked for, by priority.
        bottlenecks: Groups by how much piles up there.
        capacity_outlook: People needed and there in the coming month, by group.
        volume_forecast: Tickets expected, by day.
        at_risk: Running targets and how likely they are to be missed.
        actions: What to do, in order.
        rates: What hours, missed targets and customers are worth.
        period: The stretch of history that tells what hurts.
    """
    week = last_full_week(as_of)
    sections = [
        service_levels(sla, sla_policy_targets, week),
        queues(outcomes, daily_ops, bottlenecks, week),
        capacity(capacity_outlook, volume_forecast, daily_ops, as_of.date(), week),
        satisfaction(outcomes, period, week),
        what_to_do(actions, at_risk, _missing(sla, outcomes, capacity_outlook)),
    ]
    return Briefing(
        title=f"Monday briefing: {week}",
        summary=f"Source: {described_as}, as of {readable_time(as_of)}.",
        sections=sections,
        advice=advice_of(actions, rates),
        footnotes=[
            f"The week is {week} in UTC, Monday to Sunday; changes are against the week before. "
            "'Within chance' marks a change whose 95% interval includes none.",
            f"Estimates are a month's, from the last {period.days:.0f} days. Actions on the same "
            "group may avoid the same missed targets, so do not add them up. Ranked by USD: "
            f"{rates.working_hour_usd:,.2f} for an hour of work, {rates.cycle_hour_usd:,.2f} "
            f"for an hour a ticket takes longer, {rates.breach_usd:,.2f} for a missed target, "
            f"{rates.lost_customer_usd:,.0f} for a customer who leaves.",
        ],
    )


def _missing(
    sla: pl.DataFrame, outcomes: pl.DataFrame, capacity_outlook: pl.DataFrame
) -> list[str]:
    """Return the facts without which some rules cannot look."""
    is_missing = {
        "SLA targets": sla.is_empty(),
        "capacity": capacity_outlook["gap_fte_days"].drop_nulls().is_empty(),
        "ratings": outcomes["csat_score"].drop_nulls().is_empty(),
        "churn": outcomes["churned_within_90_days"].drop_nulls().is_empty(),
    }
    return [name for name, missing in is_missing.items() if missing]

"""Every rule on every table: the room's work as one pure function."""

from collections.abc import Mapping
from datetime import datetime

import polars as pl

from control_tower.columns import polars_schema_of
from control_tower.recommendations.action import Action
from control_tower.recommendations.briefing import as_html, as_markdown, compose
from control_tower.recommendations.period import Period, recent
from control_tower.recommendations.ranking import actions_table, evidence_table, ranked
from control_tower.recommendations.rates import Rates, rates_of
from control_tower.recommendations.rules.answer_at_risk import answer_at_risk
from control_tower.recommendations.rules.cut_deviation import cut_deviation
from control_tower.recommendations.rules.fix_reopens import fix_reopens
from control_tower.recommendations.rules.move_shifts import move_shifts
from control_tower.recommendations.rules.protect_tier import protect_tier
from control_tower.recommendations.rules.raise_sla_cell import raise_sla_cell
from control_tower.recommendations.rules.reduce_ping_pong import reduce_ping_pong
from control_tower.recommendations.rules.staff_bottleneck import staff_bottleneck
from control_tower.recommendations.tables import BriefingPage

__all__ = ["advise", "all_actions"]


def all_actions(
    frames: Mapping[str, pl.DataFrame], rates: Rates, period: Period, history: Period
) -> list[Action]:
    """Return what every rule advises, in order of what it is worth.

    Args:
        frames: The tables the rules read, by schema and table; `marts.sla` with decided_at.
        rates: What hours, missed targets and customers are worth.
        period: The last stretch of history, which most rules look at.
        history: All of it.
    """
    sla, outcomes = frames["marts.sla"], frames["marts.ticket_outcomes"]
    actions = [
        *raise_sla_cell(sla, frames["seeds.sla_policy_targets"], period),
        *answer_at_risk(frames["alerts.at_risk_tickets"]),
        *staff_bottleneck(
            frames["forecasting.capacity_outlook"],
            frames["process_mining.bottlenecks"],
            frames["marts.daily_ops"],
            frames["staging.stg_agents"],
            frames["staging.stg_group_capacity"],
            rates,
            period,
        ),
        *move_shifts(
            sla,
            frames["staging.stg_ticket_events"],
            frames["staging.stg_open_intervals"],
            frames["staging.stg_schedules"],
            period,
        ),
        *cut_deviation(frames["process_mining.conformance"], outcomes, rates, period),
        *reduce_ping_pong(frames["process_mining.handovers"], history),
        *fix_reopens(outcomes, period),
        *protect_tier(outcomes, rates, history),
    ]
    return ranked(actions, rates)


def advise(given: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return the room's tables from the tables it reads.

    Args:
        given: Frames by schema and table.
    """
    landing = given["staging.stg_landing"].row(0, named=True)
    as_of: datetime = landing["as_of"]
    rates = rates_of(given["staging.stg_agents"])
    outcomes = given["marts.ticket_outcomes"]
    first: datetime | None = outcomes["created_at"].min()  # type: ignore[assignment]
    period, history = recent(as_of, first), Period(min(first or as_of, as_of), as_of)
    frames = {**given, "marts.sla": _with_decision(given["marts.sla"])}
    actions = all_actions(frames, rates, period, history)
    page = compose(
        as_of=as_of,
        described_as=landing["described_as"],
        sla=frames["marts.sla"],
        outcomes=outcomes,
        daily_ops=frames["marts.daily_ops"],
        sla_policy_targets=frames["seeds.sla_policy_targets"],
        bottlenecks=frames["process_mining.bottlenecks"],
        capacity_outlook=frames["forecasting.capacity_outlook"],
        volume_forecast=frames["forecasting.volume_forecast"],
        at_risk=frames["alerts.at_risk_tickets"],
        actions=actions,
        rates=rates,
        period=period,
    )
    briefing = pl.DataFrame(
        {
            "as_of": [as_of],
            "title": [page.title],
            "actions": [len(actions)],
            "markdown": [as_markdown(page)],
            "html": [as_html(page)],
        },
        schema=polars_schema_of(BriefingPage),
    )
    return {
        "actions": actions_table(actions, rates),
        "evidence": evidence_table(actions),
        "briefing": briefing,
    }


def _with_decision(sla: pl.DataFrame) -> pl.DataFrame:
    """Add when each target was decided: met when its clock stopped, missed when it was passed."""
    missed = pl.col("sla_status") == "breached"
    return sla.with_columns(
        decided_at=pl.when(missed)
        .then(pl.coalesce("breach_at", "ended_at"))
        .otherwise(pl.col("ended_at"))
    )

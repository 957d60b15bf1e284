"""One ticket: what it was, what happened to it, how its SLA clocks ran, what it cost."""

from typing import Final

import polars as pl

from control_tower_dash.filters import Filters
from control_tower_dash.queries.at_risk import metric_label
from control_tower_dash.warehouse import Reader

__all__ = [
    "VERDICTS",
    "actions",
    "clocks",
    "costs",
    "deviations",
    "events",
    "facts",
    "key_of",
    "ratings",
    "stretches",
]

VERDICTS: Final = {
    "within_sla": "✓ kept",
    "breached": "✕ missed",
    "active": "○ running",
    "paused": "○ paused",
}
"""How a target stands, with the sign that tells it apart without colour."""

_LARGEST_KEY: Final = 2**63 - 1


def key_of(filters: Filters) -> int:
    """Return the ticket the page is about; -1, which no ticket has, if its key is none."""
    said = filters.option("ticket") or ""
    number = int(said) if said.isascii() and said.isdigit() and len(said) < 20 else -1
    return number if number <= _LARGEST_KEY else -1


def facts(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return the row of marts.ticket_outcomes, with path, fitness, is_conformant, is_under_way.

    No row if there is no such ticket.
    """
    return reader.query(
        """
        select
            outcomes.*,
            variants.path,
            variants.tickets as tickets_alike,
            conformance.fitness,
            conformance.is_conformant,
            conformance.is_under_way
        from marts.ticket_outcomes as outcomes
        left join process_mining.variants as variants
            on outcomes.variant_id = variants.variant_id
        left join process_mining.conformance as conformance
            on outcomes.ticket_id = conformance.ticket_id
        where outcomes.ticket_id = ?
        """,
        [key_of(filters)],
    )


def events(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return what happened, one row an event in order.

    Returns:
        place, began_at, ended_at (the next event, or the tower's clock for the last one of a
        ticket still under way, else null), hours until then, activity, group_name, status,
        priority, actor, agent_id, is_public.
    """
    found = reader.query(
        """
        select
            states.began_at,
            coalesce(
                states.next_began_at,
                case when states.status not in ('solved', 'closed') then ?::timestamptz end
            ) as ended_at,
            states.activity,
            coalesce(states.group_name, 'Unassigned') as group_name,
            states.status,
            states.priority,
            happened.actor,
            happened.agent_id,
            happened.is_public
        from intermediate.int_ticket_states as states
        inner join staging.stg_ticket_events as happened on states.event_id = happened.event_id
        where states.ticket_id = ?
        order by states.began_at, states.event_id
        """,
        [reader.as_of, key_of(filters)],
    )
    hours = (pl.col("ended_at") - pl.col("began_at")).dt.total_microseconds() / 3.6e9
    return found.with_columns(pl.int_range(1, pl.len() + 1).alias("place"), hours.alias("hours"))


def clocks(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return the SLA clocks of the ticket in the order they started.

    Returns:
        metric, instance, metric_label (with its number where a metric has several), group_name,
        policy_name, hours_kind, target_minutes, elapsed_minutes, remaining_minutes, started_at,
        ended_at, breach_at, verdict (sign and word), breach_probability and reason (of clocks at
        risk; null elsewhere).
    """
    found = reader.query(
        """
        select
            sla.metric,
            sla.instance,
            sla.group_name,
            sla.policy_name,
            case when sla.is_business_hours then 'opening' else 'calendar' end as hours_kind,
            sla.target_minutes,
            sla.elapsed_minutes,
            sla.remaining_minutes,
            sla.started_at,
            sla.ended_at,
            sla.breach_at,
            case
                when sla.is_decided then sla.sla_status
                else sla.clock_state
            end as verdict,
            clocks.breach_probability,
            clocks.reason
        from marts.sla as sla
        left join alerts.at_risk_tickets as clocks
            on
                sla.ticket_id = clocks.ticket_id
                and sla.metric = clocks.metric
                and sla.instance = clocks.instance
        where sla.ticket_id = ?
        order by sla.started_at, sla.metric, sla.instance
        """,
        [key_of(filters)],
    )
    return found.with_columns(_numbered_label(), pl.col("verdict").replace(VERDICTS))


def _numbered_label() -> pl.Expr:
    """Return a clock's name, as metric_label: with its number where a metric has several."""
    number = pl.format(" {}", pl.col("instance"))
    several = pl.col("instance").max().over("metric") > 1
    return metric_label() + pl.when(several).then(number).otherwise(pl.lit(""))


def stretches(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return when each clock ran, a row a stretch, the clocks in the order they started.

    Returns:
        metric_label, began_at, ended_at (the tower's clock where it still runs), started_at and
        stopped_at of the whole clock, breach_at, verdict.
    """
    whole = clocks(reader, filters)
    ran = reader.query(
        """
        select
            metric,
            instance,
            started_at as began_at,
            coalesce(ended_at, ?::timestamptz) as ended_at
        from intermediate.int_sla_clock_intervals
        where ticket_id = ?
        order by began_at
        """,
        [reader.as_of, key_of(filters)],
    )
    return (
        whole.with_row_index("order")
        .select(
            "order",
            "metric",
            "instance",
            "metric_label",
            "started_at",
            "breach_at",
            "verdict",
            stopped_at=pl.col("ended_at").fill_null(reader.as_of),
        )
        .join(ran, on=["metric", "instance"], how="left")
        .sort("order", "began_at")
        .drop("order", "metric", "instance")
    )


def costs(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return group_name, handle_minutes and cost_usd of each group that worked on the ticket."""
    return reader.query(
        """
        select group_name, handle_minutes, cost_usd
        from staging.stg_ticket_costs
        where ticket_id = ?
        order by handle_minutes desc, group_name
        """,
        [key_of(filters)],
    )


def ratings(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return score and rated_at of what the customer said of the ticket, in order."""
    return reader.query(
        """
        select score, rated_at
        from staging.stg_satisfaction_ratings
        where ticket_id = ?
        order by rated_at, rating_id
        """,
        [key_of(filters)],
    )


def deviations(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return deviation and extra_hours: where the ticket left the path, and its usual cost.

    extra_hours is what tickets with the deviation take longer than tickets alike without it; null
    where that is not known.
    """
    return reader.query(
        """
        with found as (
            select unnest(deviations) as deviation
            from process_mining.conformance
            where ticket_id = ?
        )
        select found.deviation, summary.extra_cycle_hours as extra_hours
        from found
        left join process_mining.conformance_summary as summary
            on found.deviation = summary.deviation
        order by extra_hours desc nulls last, found.deviation
        """,
        [key_of(filters)],
    )


def actions(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return rank, action_id and title of the recommendations that rest on the ticket."""
    return reader.query(
        """
        select distinct actions.rank, actions.action_id, actions.title
        from recommendations.actions as actions
        inner join recommendations.evidence as evidence on actions.action_id = evidence.action_id
        where evidence.ticket_id = ?
        order by actions.rank
        """,
        [key_of(filters)],
    )

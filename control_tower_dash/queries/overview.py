"""What the executive overview shows."""

from collections.abc import Mapping
from functools import partial
from typing import Final

import polars as pl

from control_tower_dash.filters import Filters, Period
from control_tower_dash.queries.daily import backlog_by_day, decided_targets
from control_tower_dash.queries.drill import with_tickets_behind
from control_tower_dash.queries.key_figures import beside, by_period
from control_tower_dash.queries.period import comparable, year_until
from control_tower_dash.warehouse import Reader

__all__ = ["KEY_FIGURES", "attainment_by", "headline_facts", "key_figures", "targets_by_priority"]


KEY_FIGURES: Final = (
    "tickets",
    "sla_attainment",
    "median_cycle_hours",
    "backlog",
    "cost_per_ticket",
    "csat_mean",
)


def key_figures(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return the six figures of the period, of the one before, and what is usual.

    Returns:
        metric, value, before (null if the snapshot does not have those days), usual (over the year
        that ends with the period: tickets for as many days, the mean backlog of its days); one row
        a metric.
    """
    span = comparable(reader, filters)
    year = year_until(reader, span.now.last)
    known = {"now": span.now, "year": year} | ({"before": span.before} if span.before else {})
    totals = _totals(reader, filters, known)
    mean_backlog = backlog_by_day(reader, filters, year).tail(-1).select(pl.mean("backlog")).item()
    usual = {**totals["year"], "backlog": mean_backlog}
    usual["tickets"] = (usual["tickets"] or 0) * span.now.days / year.days
    return beside(KEY_FIGURES, value=totals["now"], before=totals.get("before", {}), usual=usual)


def _totals(
    reader: Reader, filters: Filters, periods: Mapping[str, Period]
) -> Mapping[str, Mapping[str, float | None]]:
    """Return the key figures of each period; all of them from one pass over each table."""
    chosen = filters.where("outcomes")
    targets = decided_targets(filters)
    days = [moment for one in periods.values() for moment in (one.begins, one.ends)]
    each = partial(by_period, periods=list(periods.values()))
    row = reader.query(
        f"""
        with chosen as materialized (
            select ticket_id, created_at, solved_at, cycle_hours, cost_usd
            from marts.ticket_outcomes as outcomes
            where not is_deleted and {chosen.sql}
        ),
        opened as (select {each("count(*)", "created_at")} as tickets from chosen),
        settled as (
            select
                {each("median(cycle_hours)", "solved_at")} as median_cycle_hours,
                {each("avg(cost_usd)", "solved_at")} as cost_per_ticket
            from chosen
        ),
        decided as (
            select {each("avg(cast(is_met as integer))", "decided_at")} as sla_attainment
            from ({targets.sql}) as targets
        ),
        rated as (
            select {each("avg(ratings.score)", "ratings.rated_at")} as csat_mean
            from staging.stg_satisfaction_ratings as ratings
            inner join chosen on ratings.ticket_id = chosen.ticket_id
        )
        select * from opened cross join settled cross join decided cross join rated
        """,  # noqa: S608
        [*chosen.parameters, *days, *days, *days, *days, *targets.parameters, *days],
    ).row(0, named=True)
    return {
        name: {
            **{figure: values[place] for figure, values in row.items()},
            "backlog": backlog_by_day(reader, filters, Period(period.last, period.last))[
                "backlog"
            ].item(-1),
        }
        for place, (name, period) in enumerate(periods.items())
    }


def attainment_by(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return SLA attainment by group, priority and type.

    Returns:
        dimension (Group, Priority, Type), value, decided, met, sla_attainment, target (of
        priorities; the mean of the targets decided for the rest), tickets_behind (what the URL of
        the tickets page says for those that missed); worst first within a dimension.
    """
    period = comparable(reader, filters).now
    targets = decided_targets(filters)
    frame = reader.query(
        f"""
        with targets as ({targets.sql}),
        decided as (
            select
                targets.*,
                aims.attainment_target
            from targets
            left join seeds.sla_policy_targets as aims on targets.priority = aims.priority
            where decided_at >= ? and decided_at < ?
        )
        select
            case
                when grouping(group_name) = 0 then 'Group'
                when grouping(priority) = 0 then 'Priority'
                else 'Type'
            end as dimension,
            coalesce(group_name, priority, ticket_type) as value,
            count(*) as decided,
            count(*) filter (where is_met) as met,
            avg(cast(is_met as integer)) as sla_attainment,
            avg(attainment_target) as target
        from decided
        group by grouping sets ((group_name), (priority), (ticket_type))
        having value is not null
        order by dimension, sla_attainment
        """,  # noqa: S608
        [*targets.parameters, period.begins, period.ends],
    )
    parts = [
        with_tickets_behind(
            part.with_columns(missed=pl.col("decided") - pl.col("met")),
            {"value": str(name).lower()},
            counted="missed",
            show="breached",
            by="decided",
        ).drop("missed")
        for (name,), part in frame.group_by("dimension", maintain_order=True)
    ]
    return pl.concat(parts) if parts else frame.with_columns(tickets_behind=pl.lit(None, pl.String))


def targets_by_priority(reader: Reader, filters: Filters) -> float | None:
    """Return the SLA attainment aimed for: each decided target's, by priority, averaged."""
    frame = attainment_by(reader, filters).filter(
        (pl.col("dimension") == "Priority") & pl.col("target").is_not_null()
    )
    if frame.is_empty():
        return None
    return float(frame.select(pl.col("target").dot("decided") / pl.sum("decided")).item())


def headline_facts(reader: Reader) -> Mapping[str, pl.DataFrame]:
    """Return what the day's sentence is chosen from.

    Returns:
        risks: group_name, clocks (running ones likely to be missed, breached ones included),
        breached; capacity: group_name, gap_fte_days, lo_80; actions: title; empty where the
        snapshot has none.
    """
    return {
        "risks": reader.query(
            """
            select
                group_name,
                count(*) filter (where risk in ('critical', 'high')) as clocks,
                count(*) filter (where risk = 'breached') as breached
            from alerts.at_risk_tickets
            group by group_name
            order by clocks desc, group_name
            """
        ),
        "capacity": reader.query(
            """
            select group_name, gap_fte_days, lo_80
            from forecasting.capacity_outlook
            where gap_fte_days > 0
            order by gap_fte_days desc
            """
        ),
        "actions": reader.query("select title from recommendations.actions order by rank limit 1"),
    }

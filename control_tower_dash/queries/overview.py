"""What the executive overview shows."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from control_tower_dash.filters import Filters, Period
from control_tower_dash.queries.daily import backlog_by_day, decided_targets
from control_tower_dash.queries.drill import with_tickets_behind
from control_tower_dash.queries.key_figures import beside
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
    now = _totals(reader, filters, span.now)
    before = _totals(reader, filters, span.before) if span.before else {}
    year = year_until(reader, span.now.last)
    mean_backlog = backlog_by_day(reader, filters, year).tail(-1).select(pl.mean("backlog")).item()
    usual = {**_totals(reader, filters, year), "backlog": mean_backlog}
    usual["tickets"] = (usual["tickets"] or 0) * span.now.days / year.days
    return beside(KEY_FIGURES, value=now, before=before, usual=usual)


def _totals(reader: Reader, filters: Filters, period: Period) -> Mapping[str, float | None]:
    chosen = filters.where("outcomes")
    targets = decided_targets(filters)
    days = (period.begins, period.ends)
    row = reader.query(
        f"""
        with chosen as materialized (
            select ticket_id, created_at, solved_at, cycle_hours, cost_usd
            from marts.ticket_outcomes as outcomes
            where not is_deleted and {chosen.sql}
        ),
        solved as (
            select * from chosen where solved_at >= ? and solved_at < ?
        ),
        targets as ({targets.sql})
        select
            (select count(*) from chosen where created_at >= ? and created_at < ?) as tickets,
            (
                select avg(cast(is_met as integer)) from targets
                where decided_at >= ? and decided_at < ?
            ) as sla_attainment,
            (select median(cycle_hours) from solved) as median_cycle_hours,
            (select sum(cost_usd) / nullif(count(cost_usd), 0) from solved) as cost_per_ticket,
            (
                select avg(ratings.score)
                from staging.stg_satisfaction_ratings as ratings
                inner join chosen on ratings.ticket_id = chosen.ticket_id
                where ratings.rated_at >= ? and ratings.rated_at < ?
            ) as csat_mean
        """,  # noqa: S608
        [*chosen.parameters, *days, *targets.parameters, *days, *days, *days],
    ).row(0, named=True)
    backlog = backlog_by_day(reader, filters, Period(period.last, period.last))["backlog"].item(-1)
    return {**row, "backlog": backlog}


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

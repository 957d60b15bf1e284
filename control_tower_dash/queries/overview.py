"""What the executive overview shows."""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from control_tower_dash.filters import Filters, Period
from control_tower_dash.kept import kept_by_filters
from control_tower_dash.queries.daily import totals_by_day
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


@kept_by_filters
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
    usual = {**totals["year"], "backlog": totals["year"]["mean_backlog"]}
    usual["tickets"] = (usual["tickets"] or 0) * span.now.days / year.days
    return beside(KEY_FIGURES, value=totals["now"], before=totals.get("before", {}), usual=usual)


def _totals(
    reader: Reader, filters: Filters, periods: Mapping[str, Period]
) -> Mapping[str, Mapping[str, float | None]]:
    """Return the key figures of each period, and the mean backlog of its days."""
    by_day = totals_by_day(reader, filters)
    medians = _median_cycles(reader, filters, list(periods.values()))
    return {
        name: {**_sums(by_day, period), "median_cycle_hours": median}
        for (name, period), median in zip(periods.items(), medians, strict=True)
    }


def _sums(by_day: pl.DataFrame, period: Period) -> Mapping[str, float | None]:
    days = by_day.filter(pl.col("day").is_between(period.first, period.last))
    row = days.select(pl.exclude("day", "backlog").sum()).row(0, named=True)
    until = by_day.filter(pl.col("day") <= period.last)
    return {
        "tickets": row["tickets"],
        "sla_attainment": _share(row["met"], row["decided"]),
        "cost_per_ticket": _share(row["cost_usd"], row["costed"]),
        "csat_mean": _share(row["score_total"], row["ratings"]),
        "backlog": until["backlog"][-1] if until.height else 0,
        "mean_backlog": days.select(pl.mean("backlog")).item(),
    }


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _median_cycles(
    reader: Reader, filters: Filters, periods: Sequence[Period]
) -> Sequence[float | None]:
    """Return the median cycle hours of the tickets solved in each period."""
    chosen = filters.where("outcomes")
    days = [moment for one in periods for moment in (one.begins, one.ends)]
    medians: Sequence[float | None] = reader.query(
        f"""
        select {by_period("median(cycle_hours)", "solved_at", periods)} as medians
        from marts.ticket_outcomes as outcomes
        where not is_deleted and {chosen.sql}
        """,  # noqa: S608
        [*days, *chosen.parameters],
    )["medians"].item()
    return list(medians)


@kept_by_filters
def attainment_by(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return SLA attainment by group, priority and type.

    Returns:
        dimension (Group, Priority, Type), value, decided, met, sla_attainment, target (of
        priorities; the mean of the targets decided for the rest), tickets_behind (what the URL of
        the tickets page says for those that missed); worst first within a dimension.
    """
    period = comparable(reader, filters).now
    chosen = filters.where("totals")
    frame = reader.query(
        f"""
        with days as (
            select
                totals.group_name,
                totals.priority,
                totals.ticket_type,
                totals.decided,
                totals.met,
                aims.attainment_target
            from marts.daily_totals as totals
            left join seeds.sla_policy_targets as aims on totals.priority = aims.priority
            where totals.day between ? and ? and totals.decided > 0 and {chosen.sql}
        )
        select
            case
                when grouping(group_name) = 0 then 'Group'
                when grouping(priority) = 0 then 'Priority'
                else 'Type'
            end as dimension,
            coalesce(group_name, priority, ticket_type) as value,
            cast(sum(decided) as bigint) as decided,
            cast(sum(met) as bigint) as met,
            sum(met) / sum(decided) as sla_attainment,
            sum(attainment_target * decided)
            / sum(decided) filter (where attainment_target is not null) as target
        from days
        group by grouping sets ((group_name), (priority), (ticket_type))
        having value is not null
        order by dimension, sla_attainment, value
        """,  # noqa: S608
        [period.first, period.last, *chosen.parameters],
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

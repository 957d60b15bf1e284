"""The figures at the head of the quality page, and how they went by week."""

from collections.abc import Mapping
from functools import partial
from typing import Final

import polars as pl

from control_tower_dash.filters import Filters, Period
from control_tower_dash.queries.key_figures import beside, by_period
from control_tower_dash.queries.period import asked_for, comparable, year_until
from control_tower_dash.queries.ratings import csat_by_week
from control_tower_dash.warehouse import Reader

__all__ = ["KEY_FIGURES", "course", "key_figures"]

KEY_FIGURES: Final = ("csat_mean", "response_rate", "reopen_rate", "escalation_rate")


def key_figures(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return the page's figures of the period, of the one before, and over the year it ends.

    Returns:
        metric, value, before (null if the snapshot does not have those days), usual; one row a
        metric. Where the source knows no ratings or no escalations, their figures are null.
    """
    span = comparable(reader, filters)
    year = year_until(reader, span.now.last)
    known = {"value": span.now, "usual": year} | ({"before": span.before} if span.before else {})
    return beside(KEY_FIGURES, **{"before": {}, **_totals(reader, filters, known)})


def _totals(
    reader: Reader, filters: Filters, periods: Mapping[str, Period]
) -> Mapping[str, Mapping[str, float | None]]:
    """Return the figures of each period; all of them from one pass over each table."""
    chosen = filters.where("outcomes")
    days = [moment for one in periods.values() for moment in (one.begins, one.ends)]
    each = partial(by_period, moment="solved_at", periods=list(periods.values()))
    row = reader.query(
        f"""
        with chosen as (
            select ticket_id, solved_at, reopens, escalations, csat_score
            from marts.ticket_outcomes as outcomes
            where not is_deleted and {chosen.sql}
        ),
        given as (
            select {each("avg(ratings.score)", moment="ratings.rated_at")} as csat_mean
            from staging.stg_satisfaction_ratings as ratings
            inner join chosen on ratings.ticket_id = chosen.ticket_id
        ),
        known as (
            select
                (select count(*) from staging.stg_satisfaction_ratings) > 0 as has_ratings,
                (select max(escalations) from marts.ticket_outcomes) > 0 as has_escalations
        ),
        solved as (
            select
                {each("avg(cast(csat_score is not null as integer))")} as response_rate,
                {each("avg(cast(reopens > 0 as integer))")} as reopen_rate,
                {each("avg(cast(escalations > 0 as integer))")} as escalation_rate
            from chosen
        )
        select
            given.csat_mean,
            case when known.has_ratings then solved.response_rate end as response_rate,
            solved.reopen_rate,
            case when known.has_escalations then solved.escalation_rate end as escalation_rate
        from given
        cross join known
        cross join solved
        """,  # noqa: S608
        [*chosen.parameters, *(days * 4)],
    ).row(0, named=True)
    return {
        name: {figure: values and values[place] for figure, values in row.items()}
        for place, name in enumerate(periods)
    }


def course(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return the page's figures by calendar week, as far as the period has it.

    Returns:
        week (its Monday), csat_mean (of ratings given), response_rate, reopen_rate,
        escalation_rate (of tickets solved); oldest first.
    """
    period = asked_for(reader, filters)
    chosen = filters.where("outcomes")
    solved = reader.query(
        f"""
        select
            cast(date_trunc('week', solved_at at time zone 'UTC') as date) as week,
            avg(cast(csat_score is not null as integer)) as response_rate,
            avg(cast(reopens > 0 as integer)) as reopen_rate,
            avg(cast(escalations > 0 as integer)) as escalation_rate
        from marts.ticket_outcomes as outcomes
        where not is_deleted and solved_at >= ? and solved_at < ? and {chosen.sql}
        group by week
        """,  # noqa: S608
        [period.begins, period.ends, *chosen.parameters],
    )
    rated = csat_by_week(reader, filters).select("week", "csat_mean")
    return solved.join(rated, on="week", how="full", coalesce=True).sort("week")

"""The figures at the head of the quality page, and how they went by week."""

from collections.abc import Mapping
from typing import Final

import polars as pl

from control_tower_dash.filters import Filters, Period
from control_tower_dash.queries.key_figures import beside
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
    now, usual = _totals(reader, filters, span.now), _totals(reader, filters, year)
    before = _totals(reader, filters, span.before) if span.before else {}
    return beside(KEY_FIGURES, value=now, before=before, usual=usual)


def _totals(reader: Reader, filters: Filters, period: Period) -> Mapping[str, float | None]:
    chosen = filters.where("outcomes")
    return reader.query(
        f"""
        with chosen as (
            select ticket_id, solved_at, reopens, escalations, csat_score
            from marts.ticket_outcomes as outcomes
            where not is_deleted and {chosen.sql}
        ),
        given as (
            select avg(ratings.score) as csat_mean
            from staging.stg_satisfaction_ratings as ratings
            inner join chosen on ratings.ticket_id = chosen.ticket_id
            where ratings.rated_at >= ? and ratings.rated_at < ?
        ),
        known as (
            select
                (select count(*) from staging.stg_satisfaction_ratings) > 0 as has_ratings,
                (select max(escalations) from marts.ticket_outcomes) > 0 as has_escalations
        )
        select
            any_value(given.csat_mean) as csat_mean,
            case
                when any_value(known.has_ratings) and count(chosen.ticket_id) > 0
                    then avg(cast(chosen.csat_score is not null as integer))
            end as response_rate,
            avg(cast(chosen.reopens > 0 as integer)) as reopen_rate,
            case
                when any_value(known.has_escalations)
                    then avg(cast(chosen.escalations > 0 as integer))
            end as escalation_rate
        from given
        cross join known
        left join chosen on chosen.solved_at >= ? and chosen.solved_at < ?
        """,  # noqa: S608
        [*chosen.parameters, *((period.begins, period.ends) * 2)],
    ).row(0, named=True)


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

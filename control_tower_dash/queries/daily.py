"""The desk day by day, for any filters, counted as marts.daily_ops counts it by group."""

from datetime import timedelta

import polars as pl

from control_tower_dash.filters import Filters, Period, Predicate
from control_tower_dash.queries.period import asked_for
from control_tower_dash.warehouse import Reader

__all__ = ["backlog_by_day", "daily", "decided_targets"]

# Through the number of microseconds: the calendars of time zones take three times as long.
_UTC_DAY = "cast(make_timestamp(epoch_us({})) as date)"


def decided_targets(filters: Filters) -> Predicate:
    """Return a select of every decided SLA target: day, is_met and the target's own dimensions.

    Group, priority and type are those the target had, as the marts count it; channel and tier are
    the ticket's. Its parameters come with it.
    """
    own = filters.where("sla", ("group", "priority", "type"))
    tickets = filters.where("outcomes", ("channel", "tier"))
    join = (
        "inner join marts.ticket_outcomes as outcomes on sla.ticket_id = outcomes.ticket_id"
        if tickets.parameters
        else ""
    )
    sql = f"""
        select
            sla.ticket_id,
            sla.metric,
            sla.group_name,
            sla.priority,
            sla.ticket_type,
            sla.sla_status = 'within_sla' as is_met,
            coalesce(sla.breach_at, sla.ended_at, snapshot.as_of) as decided_at
        from marts.sla as sla
        cross join meta.snapshot as snapshot
        {join}
        where sla.is_decided and {own.sql} and {tickets.sql}
    """  # noqa: S608
    return Predicate(sql, (*own.parameters, *tickets.parameters))


def daily(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return the desk by day of the period asked for.

    Returns:
        day, tickets (created), solved, decided (SLA targets), met, sla_attainment,
        median_cycle_hours (of tickets solved that day), cost_per_ticket (USD, likewise),
        ratings, csat_mean, backlog (at the end of the day); one row a day, oldest first; no rows
        if there is neither a ticket nor a decided target.
    """
    period = asked_for(reader, filters)
    chosen = filters.where("outcomes")
    targets = decided_targets(filters)
    days = (period.begins, period.ends)
    frame = reader.query(
        f"""
        with chosen as materialized (
            select ticket_id, created_at, solved_at, cycle_hours, cost_usd
            from marts.ticket_outcomes as outcomes
            where not is_deleted and {chosen.sql}
        ),
        days as (
            select cast(unnest(generate_series(?::date, ?::date, interval 1 day)) as date) as day
        ),
        opened as (
            select {_UTC_DAY.format("created_at")} as day, count(*) as tickets
            from chosen where created_at >= ? and created_at < ? group by 1
        ),
        settled as (
            select
                {_UTC_DAY.format("solved_at")} as day,
                count(*) as solved,
                median(cycle_hours) as median_cycle_hours,
                sum(cost_usd) / nullif(count(cost_usd), 0) as cost_per_ticket
            from chosen where solved_at >= ? and solved_at < ? group by 1
        ),
        targets as ({targets.sql}),
        decided as (
            select
                {_UTC_DAY.format("decided_at")} as day,
                count(*) as decided,
                count(*) filter (where is_met) as met
            from targets where decided_at >= ? and decided_at < ? group by 1
        ),
        rated as (
            select
                {_UTC_DAY.format("ratings.rated_at")} as day,
                count(*) as ratings,
                avg(ratings.score) as csat_mean
            from staging.stg_satisfaction_ratings as ratings
            inner join chosen on ratings.ticket_id = chosen.ticket_id
            where ratings.rated_at >= ? and ratings.rated_at < ? group by 1
        )
        select
            days.day,
            coalesce(opened.tickets, 0) as tickets,
            coalesce(settled.solved, 0) as solved,
            coalesce(decided.decided, 0) as decided,
            coalesce(decided.met, 0) as met,
            decided.met / nullif(decided.decided, 0) as sla_attainment,
            settled.median_cycle_hours,
            settled.cost_per_ticket,
            coalesce(rated.ratings, 0) as ratings,
            rated.csat_mean
        from days
        left join opened on days.day = opened.day
        left join settled on days.day = settled.day
        left join decided on days.day = decided.day
        left join rated on days.day = rated.day
        order by days.day
        """,  # noqa: S608
        [
            *(*chosen.parameters, period.first, period.last, *days, *days),
            *(*targets.parameters, *days, *days),
        ],
    )
    if not any(frame.select(pl.sum("tickets", "solved", "decided")).row(0)):
        return frame.clear().with_columns(backlog=pl.lit(None, pl.Int64))
    return frame.join(backlog_by_day(reader, filters, period), on="day", how="left").sort("day")


def backlog_by_day(reader: Reader, filters: Filters, period: Period) -> pl.DataFrame:
    """Return the tickets neither solved nor closed at the end of each day.

    Group and priority are those a ticket had at that moment, not what it has now.

    Returns:
        day, backlog; one row a day of the period, and one for the day before it.
    """
    state = filters.where("states", ("group", "priority"))
    ticket = filters.where("tickets", ("type", "channel", "tier"))
    changes = reader.query(
        f"""
        with open_states as (
            select states.began_at, states.next_began_at
            from intermediate.int_ticket_states as states
            inner join staging.stg_tickets as tickets on states.ticket_id = tickets.ticket_id
            where
                not tickets.is_deleted
                and states.status not in ('solved', 'closed')
                and {state.sql}
                and {ticket.sql}
        )
        select day, cast(sum(change) as bigint) as change
        from (
            select {_UTC_DAY.format("began_at")} as day, count(*) as change
            from open_states group by 1
            union all
            select {_UTC_DAY.format("next_began_at")} as day, -count(*) as change
            from open_states where next_began_at is not null group by 1
        )
        group by day
        order by day
        """,  # noqa: S608
        [*state.parameters, *ticket.parameters],
    ).select("day", backlog=pl.col("change").cum_sum())
    first = period.first - timedelta(days=1)
    return (
        pl.DataFrame({"day": pl.date_range(first, period.last, "1d", eager=True)})
        .join_asof(changes, on="day", strategy="backward")
        .with_columns(pl.col("backlog").fill_null(0))
    )

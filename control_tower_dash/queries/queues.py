"""Groups and agents over a period: how fast, how well, how much is left."""

import polars as pl

from control_tower_dash.filters import Filters
from control_tower_dash.queries.bottleneck_scores import bottleneck_scores
from control_tower_dash.queries.drill import with_tickets_behind
from control_tower_dash.queries.period import asked_for
from control_tower_dash.warehouse import Reader

__all__ = ["agents", "groups"]


def groups(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return the groups and how they did in the period, the worst bottleneck first.

    Returns:
        rank (null without a score), group_name, bottleneck_score, waiting_share (see
        `bottleneck_scores`); solved, median_cycle_hours, p90_cycle_hours, breach_rate (of tickets
        solved in the period that had a target); median_first_reply_minutes (of tickets first
        replied to in the period); backlog (at its end); tickets_behind (those solved). The group
        of a ticket is the one that holds it now, of the backlog the one that held it then.
    """
    period = asked_for(reader, filters)
    chosen = filters.where("outcomes")
    then = filters.where("totals")
    days = (period.begins, period.ends)
    figures = reader.query(
        f"""
        with solved as (
            select
                group_name,
                count(*) as solved,
                median(cycle_hours) as median_cycle_hours,
                quantile_cont(cycle_hours, 0.9) as p90_cycle_hours,
                avg(cast(is_breached as integer)) as breach_rate
            from marts.ticket_outcomes as outcomes
            where not is_deleted and solved_at >= ? and solved_at < ? and {chosen.sql}
            group by group_name
        ),
        replied as (
            select group_name, median(first_reply_minutes) as median_first_reply_minutes
            from marts.ticket_outcomes as outcomes
            where not is_deleted and first_reply_at >= ? and first_reply_at < ? and {chosen.sql}
            group by group_name
        ),
        left_over as (
            select group_name, cast(sum(backlog_change) as bigint) as backlog
            from marts.daily_totals as totals
            where day <= ? and {then.sql}
            group by group_name
            having sum(backlog_change) > 0
        ),
        names as (
            select group_name from solved
            union select group_name from replied
            union select group_name from left_over
        )
        select
            names.group_name,
            coalesce(solved.solved, 0) as solved,
            solved.median_cycle_hours,
            solved.p90_cycle_hours,
            solved.breach_rate,
            replied.median_first_reply_minutes,
            coalesce(left_over.backlog, 0) as backlog
        from names
        left join solved on names.group_name = solved.group_name
        left join replied on names.group_name = replied.group_name
        left join left_over on names.group_name = left_over.group_name
        """,  # noqa: S608
        [
            *(*days, *chosen.parameters, *days, *chosen.parameters),
            *(period.last, *then.parameters),
        ],
    )
    scores = bottleneck_scores(reader, filters).select(
        "group_name", "rank", "bottleneck_score", "waiting_share"
    )
    frame = (
        figures.join(scores, on="group_name", how="full", coalesce=True)
        .with_columns(pl.col("solved", "backlog").fill_null(0))
        .sort("rank", "group_name", nulls_last=True)
    )
    return with_tickets_behind(frame, {"group_name": "group"}, counted="solved", by="solved")


def agents(reader: Reader, filters: Filters) -> pl.DataFrame:
    """Return what each agent got done in the period, as marts.agent_productivity counts it.

    A ticket counts for the agent who holds it, on the day it was solved. Chosen by group are
    agents; the other filters choose tickets.

    Returns:
        agent_id, agent_name, group_name (the agent's, or Unassigned), days_worked (UTC days on
        which the agent did something), tickets_solved, tickets_per_day, handle_minutes (hands-on
        time of the agent's group on those tickets, per ticket), median_cycle_hours, reopen_rate,
        csat_mean; most tickets first; agents who neither worked nor solved are left out.
    """
    period = asked_for(reader, filters)
    who = filters.where("agents", ("group",))
    chosen = filters.where("outcomes", ("priority", "type", "channel", "tier"))
    days = (period.begins, period.ends)
    return reader.query(
        f"""
        with agents as (
            select *
            from (
                select
                    agent_id,
                    agent_name,
                    group_name as own_group_name,
                    coalesce(group_name, 'Unassigned') as group_name
                from staging.stg_agents
            ) as agents
            where {who.sql}
        ),
        solved as materialized (
            select
                outcomes.ticket_id, outcomes.assignee_id as agent_id, outcomes.cycle_hours,
                outcomes.reopens, outcomes.csat_score
            from marts.ticket_outcomes as outcomes
            where
                outcomes.solved_at >= ?
                and outcomes.solved_at < ?
                and not outcomes.is_deleted
                and {chosen.sql}
        ),
        worked as (
            select
                agent_id,
                -- Whole days of UTC; its calendar would take three times as long.
                count(distinct epoch_us(occurred_at) // 86400000000) as days_worked
            from staging.stg_ticket_events
            where
                actor = 'agent'
                and agent_id is not null
                and occurred_at >= ?
                and occurred_at < ?
            group by agent_id
        ),
        figures as (
            select
                agent_id,
                count(*) as tickets_solved,
                median(cycle_hours) as median_cycle_hours,
                avg(cast(reopens > 0 as integer)) as reopen_rate,
                avg(csat_score) as csat_mean
            from solved group by agent_id
        ),
        efforts as (
            select solved.agent_id, sum(costs.handle_minutes) as handle_minutes
            from solved
            inner join agents on solved.agent_id = agents.agent_id
            inner join staging.stg_ticket_costs as costs
                on
                    solved.ticket_id = costs.ticket_id
                    and coalesce(agents.own_group_name, costs.group_name) = costs.group_name
            group by solved.agent_id
        )
        select
            agents.agent_id,
            agents.agent_name,
            agents.group_name,
            coalesce(worked.days_worked, 0) as days_worked,
            coalesce(figures.tickets_solved, 0) as tickets_solved,
            coalesce(figures.tickets_solved, 0) / nullif(worked.days_worked, 0) as tickets_per_day,
            efforts.handle_minutes / nullif(figures.tickets_solved, 0) as handle_minutes,
            figures.median_cycle_hours,
            figures.reopen_rate,
            figures.csat_mean
        from agents
        left join worked on agents.agent_id = worked.agent_id
        left join figures on agents.agent_id = figures.agent_id
        left join efforts on agents.agent_id = efforts.agent_id
        where worked.days_worked is not null or figures.tickets_solved is not null
        order by tickets_solved desc, agents.agent_name, agents.agent_id
        """,  # noqa: S608
        [*who.parameters, *days, *chosen.parameters, *days],
    )

with

agents as (

    select
        agent_id,
        agent_name,
        group_name
    from {{ ref('stg_agents') }}

),

solved_tickets as (

    select
        ticket_id,
        assignee_id as agent_id,
        cycle_hours,
        reopens,
        csat_score
    from {{ ref('ticket_outcomes') }}
    where
        solved_at is not null
        and assignee_id is not null
        and not is_deleted

),

days_worked as (

    select
        agent_id,
        count(distinct {{ utc_day('occurred_at') }}) as days_worked
    from {{ ref('stg_ticket_events') }}
    where
        actor = 'agent'
        and agent_id is not null
    group by agent_id

),

ticket_figures as (

    select
        agent_id,
        count(*) as tickets_solved,
        median(cycle_hours) as median_cycle_hours,
        avg(cast(reopens > 0 as integer)) as reopen_rate,
        avg(csat_score) as csat_mean
    from solved_tickets
    group by agent_id

),

-- Effort is known by group; an agent's is what their own group spent on their tickets.
effort_figures as (

    select
        solved_tickets.agent_id,
        sum(costs.handle_minutes) as handle_minutes
    from solved_tickets
    inner join agents
        on solved_tickets.agent_id = agents.agent_id
    inner join {{ ref('stg_ticket_costs') }} as costs
        on
            solved_tickets.ticket_id = costs.ticket_id
            and coalesce(agents.group_name, costs.group_name) = costs.group_name
    group by solved_tickets.agent_id

),

final as (

    select
        agents.agent_id,
        agents.agent_name,
        {{ group_label('agents.group_name') }} as group_name,
        coalesce(days_worked.days_worked, 0) as days_worked,
        coalesce(ticket_figures.tickets_solved, 0) as tickets_solved,
        coalesce(ticket_figures.tickets_solved, 0)
        / nullif(days_worked.days_worked, 0) as tickets_per_day,
        effort_figures.handle_minutes,
        ticket_figures.median_cycle_hours,
        ticket_figures.reopen_rate,
        ticket_figures.csat_mean
    from agents
    left join days_worked
        on agents.agent_id = days_worked.agent_id
    left join ticket_figures
        on agents.agent_id = ticket_figures.agent_id
    left join effort_figures
        on agents.agent_id = effort_figures.agent_id

)

select * from final

with

outcomes as (

    select
        ticket_id,
        group_name,
        is_open,
        solved_at,
        cycle_hours,
        first_reply_minutes,
        is_breached,
        reopens,
        escalations,
        csat_score
    from {{ ref('ticket_outcomes') }}
    where not is_deleted

),

targets as (

    select
        group_name,
        sla_status
    from {{ ref('sla') }}
    where is_decided

),

efforts as (

    select
        costs.group_name,
        costs.handle_minutes,
        costs.cost_usd
    from {{ ref('stg_ticket_costs') }} as costs
    inner join outcomes
        on costs.ticket_id = outcomes.ticket_id

),

groups as (

    select group_name
    from outcomes
    union distinct
    select group_name
    from efforts

),

ticket_figures as (

    select
        group_name,
        count(*) as tickets,
        count(*) filter (where is_open) as open_tickets,
        count(solved_at) as solved_tickets,
        quantile_cont(cycle_hours, [0.5, 0.9]) as cycle_hours,
        quantile_cont(first_reply_minutes, [0.5, 0.9]) as first_reply_minutes,
        avg(cast(is_breached as integer)) as breach_rate,
        avg(cast(reopens > 0 as integer)) as reopen_rate,
        avg(cast(escalations > 0 as integer)) as escalation_rate,
        avg(csat_score) as csat_mean
    from outcomes
    group by group_name

),

target_figures as (

    select
        group_name,
        avg(cast(sla_status = 'within_sla' as integer)) as sla_attainment
    from targets
    group by group_name

),

effort_figures as (

    select
        group_name,
        sum(handle_minutes) as handle_minutes,
        sum(cost_usd) as cost_usd
    from efforts
    group by group_name

),

final as (

    select
        groups.group_name,
        coalesce(ticket_figures.tickets, 0) as tickets,
        coalesce(ticket_figures.open_tickets, 0) as open_tickets,
        coalesce(ticket_figures.solved_tickets, 0) as solved_tickets,
        ticket_figures.cycle_hours[1] as median_cycle_hours,
        ticket_figures.cycle_hours[2] as p90_cycle_hours,
        ticket_figures.first_reply_minutes[1] as median_first_reply_minutes,
        ticket_figures.first_reply_minutes[2] as p90_first_reply_minutes,
        target_figures.sla_attainment,
        ticket_figures.breach_rate,
        ticket_figures.reopen_rate,
        ticket_figures.escalation_rate,
        ticket_figures.csat_mean,
        effort_figures.handle_minutes,
        effort_figures.cost_usd
    from groups
    left join ticket_figures
        on groups.group_name = ticket_figures.group_name
    left join target_figures
        on groups.group_name = target_figures.group_name
    left join effort_figures
        on groups.group_name = effort_figures.group_name

)

select * from final

with

tickets as (

    select
        ticket_id,
        external_id,
        created_at,
        ticket_type,
        priority,
        channel,
        customer_tier,
        group_name,
        assignee_id,
        status,
        solved_at,
        closed_at,
        is_deleted,
        merged_into_ticket_id,
        churned_within_90_days
    from {{ ref('stg_tickets') }}

),

lifetimes as (

    select
        ticket_id,
        events,
        reopens,
        escalations,
        first_reply_at,
        first_reply_minutes,
        cycle_hours
    from {{ ref('int_ticket_lifetime') }}

),

variants as (

    select
        ticket_id,
        variant_id
    from {{ ref('int_ticket_variants') }}

),

ticket_targets as (

    select
        ticket_id,
        count(*) as sla_targets,
        count(*) filter (where sla_status = 'breached') as sla_breaches
    from {{ ref('sla') }}
    group by ticket_id

),

ticket_costs as (

    select
        ticket_id,
        sum(handle_minutes) as handle_minutes,
        sum(cost_usd) as cost_usd
    from {{ ref('stg_ticket_costs') }}
    group by ticket_id

),

-- A customer who rates twice has changed their mind.
latest_ratings as (

    select
        ticket_id,
        arg_max(score, struct_pack(moment := rated_at, key := rating_id)) as csat_score
    from {{ ref('stg_satisfaction_ratings') }}
    group by ticket_id

),

final as (

    select
        tickets.ticket_id,
        tickets.external_id,
        tickets.assignee_id,
        variants.variant_id,
        tickets.ticket_type,
        tickets.priority,
        tickets.channel,
        tickets.customer_tier,
        {{ group_label('tickets.group_name') }} as group_name,
        tickets.status,
        tickets.created_at,
        lifetimes.first_reply_at,
        tickets.solved_at,
        tickets.closed_at,
        cast(lifetimes.events as bigint) as events,
        cast(lifetimes.escalations as bigint) as escalations,
        cast(lifetimes.reopens as bigint) as reopens,
        coalesce(ticket_targets.sla_targets, 0) as sla_targets,
        coalesce(ticket_targets.sla_breaches, 0) as sla_breaches,
        lifetimes.cycle_hours,
        lifetimes.first_reply_minutes,
        ticket_costs.handle_minutes,
        ticket_costs.cost_usd,
        latest_ratings.csat_score,
        not {{ is_settled('tickets.status') }} and not tickets.is_deleted as is_open,
        tickets.is_deleted,
        tickets.merged_into_ticket_id is not null as is_merged,
        -- Without a target there is nothing to breach, and nothing to keep.
        ticket_targets.sla_breaches > 0 as is_breached,
        tickets.churned_within_90_days
    from tickets
    inner join lifetimes
        on tickets.ticket_id = lifetimes.ticket_id
    left join variants
        on tickets.ticket_id = variants.ticket_id
    left join ticket_targets
        on tickets.ticket_id = ticket_targets.ticket_id
    left join ticket_costs
        on tickets.ticket_id = ticket_costs.ticket_id
    left join latest_ratings
        on tickets.ticket_id = latest_ratings.ticket_id

)

select * from final

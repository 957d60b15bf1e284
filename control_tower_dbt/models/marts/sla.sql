{{ config(materialized='incremental') }}

with

targets as (

    select
        ticket_id,
        metric,
        instance,
        policy_name,
        priority,
        ticket_type,
        group_name,
        target_minutes,
        is_business_hours,
        is_met,
        started_at,
        ended_at,
        clock_state
    from {{ ref('int_sla_targets') }}
    where {{ is_touched() }}

),

elapsed as (

    select
        ticket_id,
        metric,
        instance,
        elapsed_microseconds / 60000000.0 as elapsed_minutes
    from {{ ref('int_sla_elapsed') }}
    where {{ is_touched() }}

),

breach_moments as (

    select
        ticket_id,
        metric,
        instance,
        breach_at
    from {{ ref('int_sla_breach_moments') }}
    where {{ is_touched() }}

),

measured as (

    select
        targets.ticket_id,
        targets.metric,
        targets.instance,
        targets.policy_name,
        targets.priority,
        targets.ticket_type,
        targets.group_name,
        targets.target_minutes,
        targets.is_business_hours,
        targets.started_at,
        targets.ended_at,
        coalesce(elapsed.elapsed_minutes, 0) as elapsed_minutes,
        breach_moments.breach_at,
        targets.clock_state,
        targets.is_met
    from targets
    left join elapsed
        on
            targets.ticket_id = elapsed.ticket_id
            and targets.metric = elapsed.metric
            and targets.instance = elapsed.instance
    left join breach_moments
        on
            targets.ticket_id = breach_moments.ticket_id
            and targets.metric = breach_moments.metric
            and targets.instance = breach_moments.instance

),

judged as (

    select
        ticket_id,
        metric,
        instance,
        policy_name,
        priority,
        ticket_type,
        group_name,
        target_minutes,
        is_business_hours,
        started_at,
        ended_at,
        elapsed_minutes,
        target_minutes - elapsed_minutes as remaining_minutes,
        breach_at,
        clock_state,
        -- Where the desk kept no target, it says itself what came of it.
        case
            when target_minutes is not null
                then {{ sla_status('elapsed_minutes', 'target_minutes') }}
            when is_met then 'within_sla'
            else 'breached'
        end as sla_status
    from measured

),

final as (

    select
        ticket_id,
        metric,
        instance,
        policy_name,
        priority,
        ticket_type,
        group_name,
        target_minutes,
        is_business_hours,
        started_at,
        ended_at,
        elapsed_minutes,
        remaining_minutes,
        breach_at,
        clock_state,
        sla_status,
        sla_status = 'breached' or clock_state = 'stopped' as is_decided
    from judged

)

select * from final

{{ config(materialized='view') }}

with

clocks as (

    select
        ticket_id,
        metric,
        instance,
        started_at,
        ended_at
    from {{ ref('int_sla_clocks') }}

),

states as (

    select
        ticket_id,
        state_number,
        began_at,
        status,
        previous_status
    from {{ ref('int_ticket_states') }}

),

-- These clocks never pause.
unbroken_intervals as (

    select
        ticket_id,
        metric,
        instance,
        started_at,
        ended_at
    from clocks
    where metric in ('first_reply_time', 'total_resolution_time')

),

requester_wait_turns as (

    select
        ticket_id,
        'requester_wait_time' as metric,
        state_number,
        began_at,
        {{ runs_requester_wait('status') }} as is_running
    from states
    where
        {{ runs_requester_wait('status') }}
        is distinct from {{ runs_requester_wait('previous_status') }}

),

agent_work_turns as (

    select
        ticket_id,
        'agent_work_time' as metric,
        state_number,
        began_at,
        {{ runs_agent_work('status') }} as is_running
    from states
    where
        {{ runs_agent_work('status') }}
        is distinct from {{ runs_agent_work('previous_status') }}

),

turns as (

    select
        ticket_id,
        metric,
        state_number,
        began_at,
        is_running
    from requester_wait_turns
    union all
    select
        ticket_id,
        metric,
        state_number,
        began_at,
        is_running
    from agent_work_turns

),

turns_with_ends as (

    select
        ticket_id,
        metric,
        is_running,
        began_at as started_at,
        lead(began_at) over (
            partition by ticket_id, metric
            order by state_number
        ) as ended_at
    from turns

),

broken_intervals as (

    select
        clocks.ticket_id,
        clocks.metric,
        clocks.instance,
        turns_with_ends.started_at,
        turns_with_ends.ended_at
    from turns_with_ends
    inner join clocks
        on
            turns_with_ends.ticket_id = clocks.ticket_id
            and turns_with_ends.metric = clocks.metric
    where turns_with_ends.is_running

),

intervals as (

    select
        ticket_id,
        metric,
        instance,
        started_at,
        ended_at
    from unbroken_intervals
    union all
    select
        ticket_id,
        metric,
        instance,
        started_at,
        ended_at
    from broken_intervals

)

select * from intervals

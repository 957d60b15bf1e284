{{ config(materialized='incremental') }}

with

tickets as (

    select
        ticket_id,
        created_at,
        solved_at
    from {{ ref('stg_tickets') }}
    where {{ is_touched() }}

),

states as (

    select
        ticket_id,
        event_id,
        began_at,
        next_began_at,
        status,
        previous_status,
        is_public_agent_reply
    from {{ ref('int_ticket_states') }}
    where {{ is_touched() }}

),

transitions as (

    select
        ticket_id,
        from_status,
        to_status,
        from_group_name,
        to_group_name,
        to_activity
    from {{ ref('int_event_transitions') }}
    where {{ is_touched() }}

),

-- Of an unbroken run of settled states the first one is when the work was over.
state_spans as (

    select
        ticket_id,
        count(event_id) as events,
        max(began_at) filter (
            where
            {{ is_settled('status') }}
            and (previous_status is null or not {{ is_settled('previous_status') }})
        ) as last_settled_at,
        min(began_at) filter (where is_public_agent_reply) as first_reply_at,
        max(status) filter (where next_began_at is null) as last_status
    from states
    group by ticket_id

),

turns as (

    select
        ticket_id,
        count(*) filter (
            where {{ is_settled('from_status') }} and not {{ is_settled('to_status') }}
        ) as reopens,
        count(*) filter (
            where
            lower(to_activity) = 'escalated'
            or {{ escalation_level('to_group_name') }} > {{ escalation_level('from_group_name') }}
        ) as escalations
    from transitions
    group by ticket_id

),

lifetimes as (

    select
        tickets.ticket_id,
        coalesce(state_spans.events, 0) as events,
        coalesce(turns.reopens, 0) as reopens,
        coalesce(turns.escalations, 0) as escalations,
        state_spans.last_status,
        tickets.created_at,
        state_spans.first_reply_at,
        case
            when {{ is_settled('state_spans.last_status') }} then state_spans.last_settled_at
        end as settled_at,
        {{ minutes_between('tickets.created_at', 'state_spans.first_reply_at') }}
            as first_reply_minutes,
        {{ cycle_hours('tickets.created_at', 'tickets.solved_at') }} as cycle_hours
    from tickets
    left join state_spans
        on tickets.ticket_id = state_spans.ticket_id
    left join turns
        on tickets.ticket_id = turns.ticket_id

)

select * from lifetimes

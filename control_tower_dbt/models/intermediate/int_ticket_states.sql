{{ config(materialized='incremental') }}

with

tickets as (

    select
        ticket_id,
        created_at,
        status,
        coalesce(solved_at, closed_at) as settled_at,
        group_name
    from {{ ref('stg_tickets') }}
    where {{ is_touched() }}

),

events as (

    select
        event_id,
        ticket_id,
        occurred_at,
        activity,
        status,
        priority,
        group_name,
        actor = 'agent' and is_public as is_public_agent_event,
        actor = 'customer' and is_public as is_public_customer_event
    from {{ ref('stg_ticket_events') }}
    where {{ is_touched() }}

),

event_spans as (

    select
        ticket_id,
        min(occurred_at) as first_event_at,
        max(occurred_at) as last_event_at,
        -- Plain arg_min() would pass over an event that leaves the ticket with nobody.
        arg_min_null(group_name, struct_pack(moment := occurred_at, key := event_id))
            as first_group_name,
        arg_max(status, struct_pack(moment := occurred_at, key := event_id)) as last_status
    from events
    group by ticket_id

),

spans as (

    select
        tickets.ticket_id,
        tickets.created_at,
        tickets.status,
        tickets.settled_at,
        tickets.group_name,
        event_spans.first_event_at,
        event_spans.last_event_at,
        event_spans.last_status,
        case
            when event_spans.ticket_id is null then tickets.group_name
            else event_spans.first_group_name
        end as first_group_name
    from tickets
    left join event_spans
        on tickets.ticket_id = event_spans.ticket_id

),

-- A log may begin after the ticket did; until its first event a ticket is new.
states_before_the_log as (

    select
        null::bigint as event_id,
        ticket_id,
        created_at as began_at,
        0 as place,
        null::varchar as activity,
        'new' as status,
        null::varchar as priority,
        first_group_name as group_name,
        false as is_public_agent_event,
        false as is_public_customer_event
    from spans
    where first_event_at is null or first_event_at > created_at

),

-- A log may also leave out how a ticket ended, though the ticket itself tells.
states_after_the_log as (

    select
        null::bigint as event_id,
        ticket_id,
        case
            when last_event_at > settled_at then last_event_at
            else settled_at
        end as began_at,
        2 as place,
        null::varchar as activity,
        status,
        null::varchar as priority,
        group_name,
        false as is_public_agent_event,
        false as is_public_customer_event
    from spans
    where
        {{ is_settled('status') }}
        and (last_status is null or not {{ is_settled('last_status') }})
        and settled_at is not null

),

logged_states as (

    select
        event_id,
        ticket_id,
        occurred_at as began_at,
        1 as place,
        activity,
        status,
        priority,
        group_name,
        is_public_agent_event,
        is_public_customer_event
    from events

),

states as (

    select
        event_id,
        ticket_id,
        began_at,
        place,
        activity,
        status,
        priority,
        group_name,
        is_public_agent_event,
        is_public_customer_event
    from states_before_the_log
    union all
    select
        event_id,
        ticket_id,
        began_at,
        place,
        activity,
        status,
        priority,
        group_name,
        is_public_agent_event,
        is_public_customer_event
    from logged_states
    union all
    select
        event_id,
        ticket_id,
        began_at,
        place,
        activity,
        status,
        priority,
        group_name,
        is_public_agent_event,
        is_public_customer_event
    from states_after_the_log

),

states_in_order as (

    select
        event_id,
        ticket_id,
        began_at,
        place,
        activity,
        status,
        priority,
        group_name,
        lead(began_at) over in_order as next_began_at,
        lag(began_at) over in_order as previous_began_at,
        lag(event_id) over in_order as previous_event_id,
        lag(activity) over in_order as previous_activity,
        lag(status) over in_order as previous_status,
        lag(group_name) over in_order as previous_group_name,
        row_number() over in_order as state_number,
        -- What opened a ticket is no reply to it, though an agent may have opened it.
        is_public_agent_event and row_number() over in_order > 1 as is_public_agent_reply,
        -- A word that leaves the ticket at rest asks for no answer.
        is_public_customer_event
        and row_number() over in_order > 1
        and not {{ is_settled('status') }} as is_public_customer_comment
    from states
    window in_order as (partition by ticket_id order by place, began_at, event_id)

)

select * from states_in_order

{{ config(materialized='ephemeral') }}

with

states as (

    select
        ticket_id,
        event_id,
        began_at,
        activity,
        status,
        group_name,
        previous_event_id,
        previous_began_at,
        previous_activity,
        previous_status,
        previous_group_name
    from {{ ref('int_ticket_states') }}

),

transitions as (

    select
        ticket_id,
        previous_event_id as from_event_id,
        event_id as to_event_id,
        previous_activity as from_activity,
        activity as to_activity,
        previous_status as from_status,
        status as to_status,
        previous_group_name as from_group_name,
        group_name as to_group_name,
        previous_began_at as from_at,
        began_at as to_at,
        {{ cycle_hours('previous_began_at', 'began_at') }} as hours
    from states
    where
        event_id is not null
        and previous_event_id is not null

)

select * from transitions

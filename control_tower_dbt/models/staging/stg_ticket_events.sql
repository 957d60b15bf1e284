with

ticket_events as (

    select
        event_id,
        ticket_id,
        occurred_at,
        activity,
        status,
        priority,
        group_name,
        agent_id,
        actor,
        is_public
    from {{ source('raw', 'ticket_events') }}

)

select * from ticket_events

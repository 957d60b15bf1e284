with

desk_metric_events as (

    select
        event_id,
        ticket_id,
        metric,
        instance,
        event_type,
        occurred_at,
        policy_id,
        policy_name,
        target_minutes,
        is_business_hours,
        calendar_minutes,
        business_minutes
    from {{ source('reference', 'desk_metric_events') }}

)

select * from desk_metric_events

{{ config(materialized='ephemeral') }}

with

-- The desk's replies after the first are the tower's next replies.
events as (

    select
        event_id,
        ticket_id,
        case
            when metric = 'reply_time' and instance > 1 then 'next_reply_time'
            when metric = 'reply_time' then 'first_reply_time'
            when metric = 'resolution_time' then 'total_resolution_time'
            else metric
        end as metric,
        case
            when metric = 'reply_time' and instance > 1 then instance - 1
            else instance
        end as instance,
        event_type,
        occurred_at,
        target_minutes,
        is_business_hours,
        calendar_minutes,
        business_minutes,
        struct_pack(moment := occurred_at, key := event_id) as place
    from {{ ref('stg_desk_metric_events') }}
    where
        instance > 0
        and metric != 'pausable_update_time'

),

clocks as (

    select
        ticket_id,
        metric,
        instance,
        min(occurred_at) filter (where event_type = 'activate') as activated_at,
        max(occurred_at) filter (where event_type = 'fulfill') as fulfilled_at,
        arg_max(event_type, place) filter (
            where event_type in ('activate', 'pause', 'fulfill')
        ) as last_event_type,
        max(occurred_at) filter (where event_type = 'breach') as breached_at,
        max(occurred_at) filter (where event_type = 'apply_sla') as applied_at,
        arg_max(target_minutes, place) filter (
            where event_type = 'apply_sla'
        ) as target_minutes,
        arg_max(is_business_hours, place) filter (
            where event_type = 'apply_sla'
        ) as is_business_hours,
        arg_max(calendar_minutes, place) filter (
            where event_type = 'update_status'
        ) as calendar_minutes,
        arg_max(business_minutes, place) filter (
            where event_type = 'update_status'
        ) as business_minutes
    from events
    group by
        ticket_id,
        metric,
        instance

),

clocks_with_ends as (

    select
        ticket_id,
        metric,
        instance,
        activated_at,
        case when last_event_type = 'fulfill' then fulfilled_at end as fulfilled_at,
        breached_at,
        applied_at,
        target_minutes,
        is_business_hours,
        calendar_minutes,
        business_minutes,
        coalesce(last_event_type != 'fulfill', false) as is_unfulfilled,
        last_event_type is not null as is_followed,
        max(instance) over (partition by ticket_id, metric) as instances
    from clocks

)

select * from clocks_with_ends

{{ config(meta={'dagster': {'ref': {'name': 'stg_ticket_events'}}}) }}

select
    events.event_id,
    events.ticket_id,
    events.occurred_at,
    landing.as_of
from {{ ref('stg_ticket_events') }} as events
cross join {{ ref('stg_landing') }} as landing
where events.occurred_at > landing.as_of

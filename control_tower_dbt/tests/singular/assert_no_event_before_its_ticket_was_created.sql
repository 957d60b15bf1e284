{{ config(meta={'dagster': {'ref': {'name': 'stg_ticket_events'}}}) }}

select
    events.event_id,
    events.ticket_id,
    events.occurred_at,
    tickets.created_at
from {{ ref('stg_ticket_events') }} as events
inner join {{ ref('stg_tickets') }} as tickets
    on events.ticket_id = tickets.ticket_id
where events.occurred_at < tickets.created_at

{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'stg_tickets'}}}) }}

select tickets.ticket_id
from {{ ref('stg_tickets') }} as tickets
anti join {{ ref('stg_ticket_events') }} as events
    on tickets.ticket_id = events.ticket_id

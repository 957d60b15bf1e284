{{ config(severity='warn') }}

select tickets.ticket_id
from {{ ref('stg_tickets') }} as tickets
anti join {{ ref('stg_ticket_events') }} as events
    on tickets.ticket_id = events.ticket_id

select
    ticket_id,
    created_at,
    solved_at,
    cycle_hours
from {{ ref('ticket_outcomes') }}
where cycle_hours < 0

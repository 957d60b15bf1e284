select
    ticket_id,
    status,
    solved_at
from {{ ref('stg_tickets') }}
where
    status = 'solved'
    and solved_at is null

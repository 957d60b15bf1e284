select
    ticket_id,
    status,
    closed_at
from {{ ref('stg_tickets') }}
where
    status = 'closed'
    and closed_at is null

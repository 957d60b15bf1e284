{{ config(meta={'dagster': {'ref': {'name': 'sla'}}}) }}

select
    sla.ticket_id,
    sla.metric,
    tickets.is_deleted,
    tickets.merged_into_ticket_id
from {{ ref('sla') }} as sla
inner join {{ ref('stg_tickets') }} as tickets
    on sla.ticket_id = tickets.ticket_id
where
    tickets.is_deleted
    or tickets.merged_into_ticket_id is not null

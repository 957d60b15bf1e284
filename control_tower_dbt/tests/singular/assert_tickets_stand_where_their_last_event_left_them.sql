-- The models go by the events and mend an ending left out; a source that does this is worth a look.
{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'stg_tickets'}}}) }}

with

last_events as (

    select
        ticket_id,
        arg_max(status, struct_pack(moment := occurred_at, key := event_id)) as last_status
    from {{ ref('stg_ticket_events') }}
    group by ticket_id

)

select
    tickets.ticket_id,
    tickets.status,
    last_events.last_status
from {{ ref('stg_tickets') }} as tickets
inner join last_events
    on tickets.ticket_id = last_events.ticket_id
where tickets.status != last_events.last_status

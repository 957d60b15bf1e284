{{ config(meta={'dagster': {'ref': {'name': 'stg_ticket_events'}}}) }}

with

transitions as (

    select count(*) as transitions
    from {{ ref('int_event_transitions') }}

),

events as (

    select
        count(*) as events,
        count(distinct ticket_id) as tickets
    from {{ ref('stg_ticket_events') }}

)

select
    transitions.transitions,
    events.events,
    events.tickets
from transitions
cross join events
where transitions.transitions != events.events - events.tickets

{{ config(meta={'dagster': {'ref': {'name': 'sla'}}}) }}

with

clocks_in_order as (

    select
        ticket_id,
        metric,
        instance,
        started_at,
        ended_at,
        lead(instance) over (
            partition by ticket_id, metric
            order by instance
        ) as next_instance,
        lead(started_at) over (
            partition by ticket_id, metric
            order by instance
        ) as next_started_at
    from {{ ref('sla') }}

)

-- Only the last clock of a metric may still be running.
select
    ticket_id,
    metric,
    instance,
    started_at,
    ended_at,
    next_started_at
from clocks_in_order
where
    next_instance is not null
    and (ended_at is null or ended_at > next_started_at)

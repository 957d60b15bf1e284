{{ config(meta={'dagster': {'ref': {'name': 'sla'}}}) }}

with

breaches as (

    select
        sla.ticket_id,
        sla.metric,
        sla.instance,
        sla.breach_at,
        targets.schedule_id
    from {{ ref('sla') }} as sla
    inner join {{ ref('int_sla_targets') }} as targets
        on
            sla.ticket_id = targets.ticket_id
            and sla.metric = targets.metric
            and sla.instance = targets.instance
    where
        sla.is_business_hours
        and sla.breach_at is not null

)

select
    breaches.ticket_id,
    breaches.metric,
    breaches.breach_at,
    hours.opens_at,
    hours.closes_at
from breaches
asof left join {{ ref('stg_open_intervals') }} as hours
    on
        breaches.schedule_id = hours.schedule_id
        and breaches.breach_at > hours.opens_at
where
    hours.closes_at is null
    or breaches.breach_at > hours.closes_at

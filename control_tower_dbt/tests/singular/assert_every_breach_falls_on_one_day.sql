{{ config(meta={'dagster': {'ref': {'name': 'daily_ops'}}}) }}

with

days as (

    select coalesce(sum(breaches), 0) as breaches
    from {{ ref('daily_ops') }}

),

targets as (

    select count(*) as breached
    from {{ ref('sla') }}
    where sla_status = 'breached'

)

select
    days.breaches,
    targets.breached
from days
cross join targets
where days.breaches != targets.breached

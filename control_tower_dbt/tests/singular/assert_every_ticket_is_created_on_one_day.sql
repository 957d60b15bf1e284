{{ config(meta={'dagster': {'ref': {'name': 'daily_ops'}}}) }}

with

days as (

    select coalesce(sum(created), 0) as created
    from {{ ref('daily_ops') }}

),

tickets as (

    select count(*) as tickets
    from {{ ref('stg_tickets') }}
    where not is_deleted

)

select
    days.created,
    tickets.tickets
from days
cross join tickets
where days.created != tickets.tickets

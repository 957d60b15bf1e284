{{ config(meta={'dagster': {'ref': {'name': 'daily_totals'}}}) }}

with

slices as (

    select
        group_name,
        day,
        sum(decided - met) as breaches,
        sum(sum(backlog_change)) over (
            partition by group_name
            order by day
        ) as backlog
    from {{ ref('daily_totals') }}
    group by
        group_name,
        day

),

days as (

    select
        group_name,
        day,
        breaches,
        backlog
    from {{ ref('daily_ops') }}

)

select
    slices.group_name,
    slices.day,
    slices.breaches as breaches_of_slices,
    days.breaches,
    slices.backlog as backlog_of_slices,
    days.backlog
from slices
inner join days
    on
        slices.group_name = days.group_name
        and slices.day = days.day
where slices.breaches != days.breaches or slices.backlog != days.backlog

with

days as (

    select
        day,
        group_name,
        backlog,
        created + reopened + received - handed_over - solved as change,
        lag(backlog, 1, 0) over (
            partition by group_name
            order by day
        ) as backlog_before
    from {{ ref('daily_ops') }}

)

select
    day,
    group_name,
    backlog_before,
    change,
    backlog
from days
where backlog != backlog_before + change

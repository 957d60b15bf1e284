{{ config(meta={'dagster': {'ref': {'name': 'daily_ops'}}}) }}

with

backlogs as (

    select
        group_name,
        backlog
    from {{ ref('daily_ops') }}
    qualify day = max(day) over ()

),

open_tickets as (

    select
        {{ group_label('states.group_name') }} as group_name,
        count(*) as open_tickets
    from {{ ref('int_ticket_states') }} as states
    inner join {{ ref('stg_tickets') }} as tickets
        on states.ticket_id = tickets.ticket_id
    where
        states.next_began_at is null
        and not {{ is_settled('states.status') }}
        and not tickets.is_deleted
    group by 1

)

select
    backlogs.group_name,
    backlogs.backlog,
    open_tickets.open_tickets
from backlogs
left join open_tickets
    on backlogs.group_name = open_tickets.group_name
where backlogs.backlog != coalesce(open_tickets.open_tickets, 0)

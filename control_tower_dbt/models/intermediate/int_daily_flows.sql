with

tickets as (

    select ticket_id
    from {{ ref('stg_tickets') }}
    where not is_deleted

),

states as (

    select
        states.began_at,
        states.state_number = 1 as is_first,
        {{ group_label('states.group_name') }} as group_name,
        {{ group_label('states.previous_group_name') }} as previous_group_name,
        {{ is_settled('states.status') }} as is_settled,
        {{ is_settled('states.previous_status') }} as was_settled
    from {{ ref('int_ticket_states') }} as states
    inner join tickets
        on states.ticket_id = tickets.ticket_id

),

turns as (

    select
        {{ utc_day('began_at') }} as day,
        group_name,
        previous_group_name,
        is_first,
        not is_first and was_settled and not is_settled as is_reopened,
        (is_first or not was_settled) and is_settled as is_solved,
        not is_first and not was_settled and group_name != previous_group_name as is_handed_over
    from states

),

flows as (

    select
        day,
        group_name,
        count(*) filter (where is_first) as created,
        count(*) filter (where is_reopened) as reopened,
        count(*) filter (where is_handed_over) as received,
        count(*) filter (where is_solved) as solved,
        0 as handed_over
    from turns
    group by
        day,
        group_name
    union all
    select
        day,
        previous_group_name as group_name,
        0 as created,
        0 as reopened,
        0 as received,
        0 as solved,
        count(*) as handed_over
    from turns
    where is_handed_over
    group by
        day,
        previous_group_name

),

daily_flows as (

    select
        day,
        group_name,
        cast(sum(created) as bigint) as created,
        cast(sum(reopened) as bigint) as reopened,
        cast(sum(received) as bigint) as received,
        cast(sum(handed_over) as bigint) as handed_over,
        cast(sum(solved) as bigint) as solved
    from flows
    group by
        day,
        group_name

)

select * from daily_flows

{{ config(materialized='incremental') }}

with

tickets as (

    select
        ticket_id,
        created_at,
        priority
    from {{ ref('stg_tickets') }}
    where {{ is_touched() }}

),

named_priorities as (

    select
        ticket_id,
        state_number,
        began_at,
        priority,
        lag(priority) over (
            partition by ticket_id
            order by state_number
        ) as previous_priority
    from {{ ref('int_ticket_states') }}
    where
        priority is not null
        and {{ is_touched() }}

),

-- Of several changes at one moment the last one holds.
priorities_at_moments as (

    select
        ticket_id,
        began_at,
        arg_max(priority, state_number) as priority
    from named_priorities
    where priority is distinct from previous_priority
    group by
        ticket_id,
        began_at

),

changes as (

    select
        ticket_id,
        began_at,
        lead(began_at) over (
            partition by ticket_id
            order by began_at
        ) as ended_at,
        priority
    from priorities_at_moments

),

-- A log that never names a priority leaves the ticket's own for all its life.
never_logged as (

    select
        tickets.ticket_id,
        tickets.created_at as began_at,
        null::timestamptz as ended_at,
        tickets.priority
    from tickets
    anti join changes
        on tickets.ticket_id = changes.ticket_id

),

priorities as (

    select
        ticket_id,
        began_at,
        ended_at,
        priority
    from changes
    union all
    select
        ticket_id,
        began_at,
        ended_at,
        priority
    from never_logged

)

select * from priorities

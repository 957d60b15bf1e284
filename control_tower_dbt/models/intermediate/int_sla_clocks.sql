with

targets as (

    select
        ticket_id,
        metric
    from {{ ref('int_sla_targets') }}

),

lifetimes as (

    select
        ticket_id,
        last_status,
        created_at,
        first_reply_at,
        settled_at
    from {{ ref('int_ticket_lifetime') }}

),

-- Clocks of which a ticket has one, that begin with the ticket.
clocks_of_the_whole_ticket as (

    select
        targets.ticket_id,
        targets.metric,
        1 as instance,
        lifetimes.created_at as started_at,
        case
            when targets.metric = 'first_reply_time'
                then coalesce(lifetimes.first_reply_at, lifetimes.settled_at)
            else lifetimes.settled_at
        end as ended_at,
        case targets.metric
            when 'requester_wait_time' then {{ runs_requester_wait('lifetimes.last_status') }}
            when 'agent_work_time' then {{ runs_agent_work('lifetimes.last_status') }}
            else true
        end as is_running_unless_ended
    from targets
    inner join lifetimes
        on targets.ticket_id = lifetimes.ticket_id
    where
        targets.metric in (
            'first_reply_time',
            'requester_wait_time',
            'agent_work_time',
            'total_resolution_time'
        )

),

clocks as (

    select
        ticket_id,
        metric,
        instance,
        started_at,
        ended_at,
        case
            when ended_at is not null then 'stopped'
            when is_running_unless_ended then 'active'
            else 'paused'
        end as clock_state
    from clocks_of_the_whole_ticket

)

select * from clocks

{{ config(materialized='incremental') }}

with

-- Clocks are kept only for what the desk has targets for.
metrics as (

    select metric
    from {{ ref('stg_sla_policies') }}
    union
    select metric
    from {{ ref('stg_sla_applications') }}

),

tickets as (

    select ticket_id
    from {{ ref('stg_tickets') }}
    where
        not is_deleted
        and merged_into_ticket_id is null
        and {{ is_touched() }}

),

lifetimes as (

    select
        lifetimes.ticket_id,
        lifetimes.last_status,
        lifetimes.created_at,
        lifetimes.first_reply_at,
        lifetimes.settled_at
    from {{ ref('int_ticket_lifetime') }} as lifetimes
    inner join tickets
        on lifetimes.ticket_id = tickets.ticket_id

),

states as (

    select
        states.ticket_id,
        states.state_number,
        states.began_at,
        states.is_public_agent_reply,
        states.is_public_customer_comment,
        {{ is_settled('states.status') }} as is_settled_state,
        case when not {{ is_settled('states.status') }} then states.group_name end as holder,
        case
            when not {{ is_settled('states.previous_status') }} then states.previous_group_name
        end as previous_holder
    from {{ ref('int_ticket_states') }} as states
    inner join tickets
        on states.ticket_id = tickets.ticket_id

),

-- Clocks of which a ticket has one, that begin with the ticket.
clocks_of_the_whole_ticket as (

    select
        lifetimes.ticket_id,
        metrics.metric,
        1::bigint as instance,
        null::varchar as holder,
        lifetimes.created_at as started_at,
        case
            when metrics.metric = 'first_reply_time'
                then coalesce(lifetimes.first_reply_at, lifetimes.settled_at)
            else lifetimes.settled_at
        end as ended_at,
        case metrics.metric
            {% for metric in pausing_metrics() -%}
            when '{{ metric }}' then {{ runs_in(metric, 'lifetimes.last_status') }}
            {% endfor -%}
            else true
        end as is_running_unless_ended
    from lifetimes
    inner join metrics
        on
            metrics.metric in (
                'first_reply_time',
                'requester_wait_time',
                'agent_work_time',
                'total_resolution_time'
            )

),

-- Words that ask for an answer and words that are one; solving a ticket answers it too.
conversation as (

    select
        ticket_id,
        state_number,
        began_at,
        is_settled_state,
        is_public_agent_reply,
        is_public_customer_comment,
        is_public_agent_reply or is_settled_state as is_answer
    from states
    where
        is_public_agent_reply
        or is_public_customer_comment
        or is_settled_state

),

turns_of_conversation as (

    select
        ticket_id,
        state_number,
        began_at,
        is_settled_state,
        is_public_agent_reply,
        is_public_customer_comment,
        is_answer,
        count(*) filter (where is_answer) over so_far as answers_before,
        coalesce(bool_or(is_public_agent_reply) over so_far, false) as is_after_a_reply,
        min(case when is_answer then began_at end) over (
            partition by ticket_id
            order by state_number
            rows between 1 following and unbounded following
        ) as next_answer_at
    from conversation
    window so_far as (
        partition by ticket_id
        order by state_number
        rows between unbounded preceding and 1 preceding
    )

),

-- The oldest of the comments one answer answers starts the clock.
next_reply_clocks as (

    select
        turns.ticket_id,
        metrics.metric,
        row_number() over (
            partition by turns.ticket_id
            order by min(turns.state_number)
        ) as instance,
        null::varchar as holder,
        min(turns.began_at) as started_at,
        any_value(turns.next_answer_at) as ended_at,
        true as is_running_unless_ended
    from turns_of_conversation as turns
    inner join metrics
        on metrics.metric = 'next_reply_time'
    where
        turns.is_public_customer_comment
        and turns.is_after_a_reply
    group by
        turns.ticket_id,
        turns.answers_before,
        metrics.metric

),

periodic_update_clocks as (

    select
        turns.ticket_id,
        metrics.metric,
        row_number() over (
            partition by turns.ticket_id
            order by turns.state_number
        ) as instance,
        null::varchar as holder,
        turns.began_at as started_at,
        turns.next_answer_at as ended_at,
        true as is_running_unless_ended
    from turns_of_conversation as turns
    inner join metrics
        on metrics.metric = 'periodic_update_time'
    where
        turns.is_public_agent_reply
        and not turns.is_settled_state

),

changes_of_holder as (

    select
        states.ticket_id,
        metrics.metric,
        states.state_number,
        states.holder,
        states.began_at as started_at,
        lead(states.began_at) over (
            partition by states.ticket_id
            order by states.state_number
        ) as ended_at
    from states
    inner join metrics
        on metrics.metric = 'group_ownership_time'
    where states.holder is distinct from states.previous_holder

),

group_ownership_clocks as (

    select
        ticket_id,
        metric,
        row_number() over (
            partition by ticket_id
            order by state_number
        ) as instance,
        holder,
        started_at,
        ended_at,
        true as is_running_unless_ended
    from changes_of_holder
    where holder is not null

),

all_clocks as (

    {% for clocks in [
        'clocks_of_the_whole_ticket',
        'next_reply_clocks',
        'periodic_update_clocks',
        'group_ownership_clocks',
    ] -%}
    select
        ticket_id,
        metric,
        instance,
        holder,
        started_at,
        ended_at,
        is_running_unless_ended
    from {{ clocks }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

clocks as (

    select
        ticket_id,
        metric,
        instance,
        holder,
        started_at,
        ended_at,
        case
            when ended_at is not null then 'stopped'
            when is_running_unless_ended then 'active'
            else 'paused'
        end as clock_state
    from all_clocks

)

select * from clocks

{{ config(materialized='incremental') }}

with

clocks as (

    select
        ticket_id,
        metric,
        instance,
        case when is_business_hours then schedule_id end as clock_schedule_id,
        {{ microseconds('target_minutes') }} as target_microseconds,
        started_at,
        ended_at
    from {{ ref('int_sla_targets') }}
    where {{ is_touched() }}

),

states as (

    select
        ticket_id,
        state_number,
        began_at,
        status,
        previous_status
    from {{ ref('int_ticket_states') }}
    where {{ is_touched() }}

),

-- The clocks of a conversation and of a group's hold run from start to end.
unbroken_intervals as (

    select
        ticket_id,
        metric,
        instance,
        clock_schedule_id,
        target_microseconds,
        started_at,
        ended_at
    from clocks
    where
        metric not in (
            {% for metric in pausing_metrics() -%}
            '{{ metric }}'{% if not loop.last %},{% endif %}
            {% endfor %}
        )

),

turns as (

    {% for metric in pausing_metrics() -%}
    select
        ticket_id,
        '{{ metric }}' as metric,
        state_number,
        began_at,
        {{ runs_in(metric, 'status') }} as is_running
    from states
    where
        {{ runs_in(metric, 'status') }}
        is distinct from {{ runs_in(metric, 'previous_status') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

turns_with_ends as (

    select
        ticket_id,
        metric,
        is_running,
        began_at as started_at,
        lead(began_at) over (
            partition by ticket_id, metric
            order by state_number
        ) as ended_at
    from turns

),

broken_intervals as (

    select
        clocks.ticket_id,
        clocks.metric,
        clocks.instance,
        clocks.clock_schedule_id,
        clocks.target_microseconds,
        turns_with_ends.started_at,
        turns_with_ends.ended_at
    from turns_with_ends
    inner join clocks
        on
            turns_with_ends.ticket_id = clocks.ticket_id
            and turns_with_ends.metric = clocks.metric
    where turns_with_ends.is_running

),

intervals as (

    select
        ticket_id,
        metric,
        instance,
        clock_schedule_id,
        target_microseconds,
        started_at,
        ended_at
    from unbroken_intervals
    union all
    select
        ticket_id,
        metric,
        instance,
        clock_schedule_id,
        target_microseconds,
        started_at,
        ended_at
    from broken_intervals

)

select * from intervals

{{ config(materialized='ephemeral') }}

with

tickets as (

    select
        ticket_id,
        created_at,
        schedule_id
    from {{ ref('int_desk_tickets') }}

),

theirs as (

    select
        ticket_id,
        metric,
        calendar_minutes,
        business_minutes
    from {{ ref('stg_desk_ticket_metrics') }}

),

named_tickets as (

    select distinct ticket_id
    from theirs

),

-- Only of tickets the desk has figures of is there something to compare.
tickets_with_figures as (

    select
        tickets.ticket_id,
        tickets.created_at,
        tickets.schedule_id
    from tickets
    inner join named_tickets
        on tickets.ticket_id = named_tickets.ticket_id

),

opening_hours as (

    select
        schedule_id,
        opens_at,
        closes_at,
        {{ microseconds('open_minutes_before') }} as open_microseconds_before
    from {{ ref('stg_open_intervals') }}

),

states as (

    select
        states.ticket_id,
        states.state_number,
        states.began_at,
        states.status,
        states.previous_status,
        states.is_public_agent_reply
    from {{ ref('int_ticket_states') }} as states
    inner join named_tickets
        on states.ticket_id = named_tickets.ticket_id

),

milestones as (

    select
        ticket_id,
        min(began_at) filter (where is_public_agent_reply) as first_reply_at,
        min(began_at) filter (where {{ is_settled('status') }}) as first_settled_at,
        max(began_at) filter (
            where
            {{ is_settled('status') }}
            and (previous_status is null or not {{ is_settled('previous_status') }})
        ) as last_settled_at
    from states
    group by ticket_id

),

turns as (

    select
        ticket_id,
        status,
        began_at as started_at,
        lead(began_at) over (
            partition by ticket_id
            order by state_number
        ) as ended_at
    from states
    where status is distinct from previous_status

),

waits as (

    {% for metric in desk_waits() -%}
    select
        ticket_id,
        '{{ metric }}' as metric,
        started_at,
        ended_at
    from turns
    where {{ waits_in(metric, 'status') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

-- As the desk does, a wait is counted once it is over.
spans as (

    {% for metric, moment in [
        ('reply_time', 'first_reply_at'),
        ('first_resolution_time', 'first_settled_at'),
        ('full_resolution_time', 'last_settled_at'),
    ] -%}
    select
        tickets.ticket_id,
        '{{ metric }}' as metric,
        tickets.created_at as started_at,
        milestones.{{ moment }} as ended_at
    from tickets_with_figures as tickets
    inner join milestones
        on tickets.ticket_id = milestones.ticket_id
    where milestones.{{ moment }} is not null
    union all
    {% endfor -%}
    select
        ticket_id,
        metric,
        started_at,
        ended_at
    from waits
    where ended_at is not null

),

spans_on_schedules as (

    select
        spans.ticket_id,
        spans.metric,
        tickets.schedule_id,
        spans.started_at,
        spans.ended_at
    from spans
    inner join tickets_with_figures as tickets
        on spans.ticket_id = tickets.ticket_id

),

measured as (

    select
        spans.ticket_id,
        spans.metric,
        epoch_us(spans.ended_at) - epoch_us(spans.started_at) as calendar_microseconds,
        case
            when spans.schedule_id is not null
                then
                    {{ clock_reading('spans.ended_at', 'spans.schedule_id', 'hours_at_end') }}
                    - {{
                        clock_reading(
                            'spans.started_at', 'spans.schedule_id', 'hours_at_start'
                        )
                    }}
        end as business_microseconds
    from spans_on_schedules as spans
    asof left join opening_hours as hours_at_start
        on
            spans.schedule_id = hours_at_start.schedule_id
            and spans.started_at >= hours_at_start.opens_at
    asof left join opening_hours as hours_at_end
        on
            spans.schedule_id = hours_at_end.schedule_id
            and spans.ended_at >= hours_at_end.opens_at

),

measured_durations as (

    select
        ticket_id,
        metric,
        sum(calendar_microseconds) / 60000000.0 as calendar_minutes,
        sum(business_microseconds) / 60000000.0 as business_minutes,
        count(*) as stretches
    from measured
    group by
        ticket_id,
        metric

),

running_waits as (

    select distinct
        ticket_id,
        metric
    from waits
    where ended_at is null

),

metrics as (

    {% for metric in ['reply_time', 'first_resolution_time', 'full_resolution_time'] -%}
    select
        '{{ metric }}' as metric,
        false as is_wait
    union all
    {% endfor -%}
    {% for metric in desk_waits() -%}
    select
        '{{ metric }}' as metric,
        true as is_wait
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

ours as (

    select
        tickets.ticket_id,
        metrics.metric,
        case
            when metrics.is_wait then coalesce(durations.calendar_minutes, 0)
            else durations.calendar_minutes
        end as calendar_minutes,
        case
            when tickets.schedule_id is null then null
            when metrics.is_wait then coalesce(durations.business_minutes, 0)
            else durations.business_minutes
        end as business_minutes,
        coalesce(durations.stretches, 0) as stretches,
        tickets.created_at,
        tickets.schedule_id is not null as has_hours,
        running_waits.ticket_id is not null as is_running
    from tickets_with_figures as tickets
    cross join metrics
    left join measured_durations as durations
        on
            tickets.ticket_id = durations.ticket_id
            and metrics.metric = durations.metric
    left join running_waits
        on
            tickets.ticket_id = running_waits.ticket_id
            and metrics.metric = running_waits.metric

),

compared as (

    {% for hours in ['calendar', 'business'] -%}
    select
        ours.ticket_id,
        ours.metric,
        '{{ hours }}' as hours,
        ours.created_at as started_at,
        ours.{{ hours }}_minutes as ours_minutes,
        theirs.{{ hours }}_minutes as theirs_minutes,
        ours.stretches,
        ours.is_running
    from ours
    left join theirs
        on
            ours.ticket_id = theirs.ticket_id
            and ours.metric = theirs.metric
    where theirs.{{ hours }}_minutes is not null{{ {
        'calendar': ' or ours.stretches > 0',
        'business': ' and ours.has_hours',
    }[hours] }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select * from compared

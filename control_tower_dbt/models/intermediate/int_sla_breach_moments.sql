{{ config(materialized='incremental') }}

with

opening_hours as (

    select
        schedule_id,
        opens_at,
        closes_at,
        {{ microseconds('open_minutes_before') }} as open_microseconds_before
    from {{ ref('stg_open_intervals') }}

),

readings as (

    select
        ticket_id,
        metric,
        instance,
        clock_schedule_id,
        is_running,
        started_at,
        started_reading,
        ended_reading
    from {{ ref('int_sla_clock_readings') }}
    where {{ is_touched() }}

),

-- Only clocks that went past their target, or still run towards it, have such a moment.
clocks_with_a_moment as (

    select
        ticket_id,
        metric,
        instance,
        target_microseconds
    from {{ ref('int_sla_elapsed') }}
    where
        target_microseconds is not null
        and (is_running or elapsed_microseconds > target_microseconds)
        and {{ is_touched() }}

),

running_totals as (

    select
        readings.ticket_id,
        readings.metric,
        readings.instance,
        readings.clock_schedule_id,
        readings.is_running,
        readings.started_reading,
        clocks_with_a_moment.target_microseconds,
        cast(
            sum(readings.ended_reading - readings.started_reading) over (
                partition by readings.ticket_id, readings.metric, readings.instance
                order by readings.started_at, readings.started_reading
                rows between unbounded preceding and current row
            ) as bigint
        ) as elapsed_after,
        readings.ended_reading - readings.started_reading as elapsed_within
    from readings
    inner join clocks_with_a_moment
        on
            readings.ticket_id = clocks_with_a_moment.ticket_id
            and readings.metric = clocks_with_a_moment.metric
            and readings.instance = clocks_with_a_moment.instance

),

-- The target is reached in one interval only; a running one goes on as long as it takes.
readings_at_target as (

    select
        ticket_id,
        metric,
        instance,
        clock_schedule_id,
        started_reading + target_microseconds - (elapsed_after - elapsed_within)
            as reading_at_target
    from running_totals
    where
        elapsed_after - elapsed_within < target_microseconds
        and (elapsed_after >= target_microseconds or is_running)

),

moments as (

    select
        readings_at_target.ticket_id,
        readings_at_target.metric,
        readings_at_target.instance,
        case
            when readings_at_target.clock_schedule_id is null
                then make_timestamptz(readings_at_target.reading_at_target)
            else
                opening_hours.opens_at
                + to_microseconds(
                    readings_at_target.reading_at_target - opening_hours.open_microseconds_before
                )
        end as breach_at,
        opening_hours.closes_at
    from readings_at_target
    asof left join opening_hours
        on
            readings_at_target.clock_schedule_id = opening_hours.schedule_id
            and readings_at_target.reading_at_target > opening_hours.open_microseconds_before

),

-- Opening hours are laid out only so far ahead; a target beyond them has no moment yet.
known_moments as (

    select
        ticket_id,
        metric,
        instance,
        breach_at
    from moments
    where closes_at is null or breach_at <= closes_at

)

select * from known_moments

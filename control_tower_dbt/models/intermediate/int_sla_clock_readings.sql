{{ config(materialized='incremental') }}

with

landing as (

    select as_of
    from {{ ref('stg_landing') }}

),

opening_hours as (

    select
        schedule_id,
        opens_at,
        closes_at,
        {{ microseconds('open_minutes_before') }} as open_microseconds_before
    from {{ ref('stg_open_intervals') }}

),

intervals as (

    select
        intervals.ticket_id,
        intervals.metric,
        intervals.instance,
        intervals.clock_schedule_id,
        intervals.target_microseconds,
        intervals.started_at,
        coalesce(intervals.ended_at, landing.as_of) as ended_at,
        intervals.ended_at is null as is_running
    from {{ ref('int_sla_clock_intervals') }} as intervals
    cross join landing
    where {{ is_touched('intervals.ticket_id') }}

),

-- What a clock shows at a moment: open time so far on a schedule, else time itself.
readings as (

    select
        intervals.ticket_id,
        intervals.metric,
        intervals.instance,
        intervals.clock_schedule_id,
        intervals.target_microseconds,
        intervals.is_running,
        intervals.started_at,
        intervals.ended_at,
        {{ clock_reading('intervals.started_at', 'intervals.clock_schedule_id', 'hours_at_start') }}
            as started_reading,
        {{ clock_reading('intervals.ended_at', 'intervals.clock_schedule_id', 'hours_at_end') }}
            as ended_reading
    from intervals
    asof left join opening_hours as hours_at_start
        on
            intervals.clock_schedule_id = hours_at_start.schedule_id
            and intervals.started_at >= hours_at_start.opens_at
    asof left join opening_hours as hours_at_end
        on
            intervals.clock_schedule_id = hours_at_end.schedule_id
            and intervals.ended_at >= hours_at_end.opens_at

)

select * from readings

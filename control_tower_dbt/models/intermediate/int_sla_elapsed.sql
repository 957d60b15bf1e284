{{ config(materialized='incremental') }}

with

readings as (

    select
        ticket_id,
        metric,
        instance,
        target_microseconds,
        is_running,
        started_reading,
        ended_reading
    from {{ ref('int_sla_clock_readings') }}
    where {{ is_touched() }}

),

elapsed as (

    select
        ticket_id,
        metric,
        instance,
        any_value(target_microseconds) as target_microseconds,
        bool_or(is_running) as is_running,
        cast(sum(ended_reading - started_reading) as bigint) as elapsed_microseconds
    from readings
    group by
        ticket_id,
        metric,
        instance

)

select * from elapsed

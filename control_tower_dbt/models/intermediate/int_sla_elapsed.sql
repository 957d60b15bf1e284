with

readings as (

    select
        ticket_id,
        metric,
        instance,
        started_reading,
        ended_reading
    from {{ ref('int_sla_clock_readings') }}

),

elapsed as (

    select
        ticket_id,
        metric,
        instance,
        cast(sum(ended_reading - started_reading) as bigint) as elapsed_microseconds
    from readings
    group by
        ticket_id,
        metric,
        instance

)

select * from elapsed

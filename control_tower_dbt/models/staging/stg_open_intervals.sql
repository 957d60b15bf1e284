with

open_intervals as (

    select
        schedule_id,
        opens_at,
        closes_at,
        open_minutes_before
    from {{ source('reference', 'open_intervals') }}

)

select * from open_intervals

with

hours as (

    select
        schedule_id,
        opens_at,
        closes_at,
        open_minutes_before,
        lag(closes_at) over in_order as closed_at_before,
        lag(open_minutes_before + {{ minutes_between('opens_at', 'closes_at') }})
            over in_order as open_minutes_so_far
    from {{ ref('stg_open_intervals') }}
    window in_order as (partition by schedule_id order by opens_at)

)

select
    schedule_id,
    closed_at_before,
    opens_at,
    open_minutes_so_far,
    open_minutes_before
from hours
where
    closed_at_before > opens_at
    or abs(open_minutes_so_far - open_minutes_before) > 0.000001

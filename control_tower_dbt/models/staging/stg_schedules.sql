with

schedules as (

    select
        schedule_id,
        schedule_name,
        time_zone,
        weekday,
        opens,
        closes,
        is_default,
        edited_at
    from {{ source('reference', 'schedules') }}

)

select * from schedules

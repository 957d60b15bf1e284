with

ticket_schedules as (

    select
        ticket_id,
        schedule_id,
        effective_from
    from {{ source('reference', 'ticket_schedules') }}

)

select * from ticket_schedules

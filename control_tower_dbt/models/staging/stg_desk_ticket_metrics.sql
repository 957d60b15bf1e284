with

desk_ticket_metrics as (

    select
        ticket_id,
        metric,
        calendar_minutes,
        business_minutes,
        occurrences
    from {{ source('reference', 'desk_ticket_metrics') }}

)

select * from desk_ticket_metrics

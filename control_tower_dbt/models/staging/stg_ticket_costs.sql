with

ticket_costs as (

    select
        ticket_id,
        group_name,
        handle_minutes,
        cost_usd
    from {{ source('raw', 'ticket_costs') }}

)

select * from ticket_costs

with

tickets as (

    select
        ticket_id,
        external_id,
        created_at,
        ticket_type,
        priority,
        channel,
        customer_tier,
        group_name,
        assignee_id,
        status,
        solved_at,
        closed_at,
        is_deleted,
        merged_into_ticket_id,
        churned_within_90_days
    from {{ source('raw', 'tickets') }}

)

select * from tickets

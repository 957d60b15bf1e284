with

sla_policies as (

    select
        policy_id,
        policy_name,
        position,
        metric,
        priority,
        ticket_type,
        customer_tier,
        target_minutes,
        is_business_hours
    from {{ source('raw', 'sla_policies') }}

)

select * from sla_policies

with

sla_applications as (

    select
        ticket_id,
        metric,
        policy_id,
        policy_name,
        target_minutes,
        is_business_hours,
        applied_at,
        is_met
    from {{ source('reference', 'sla_applications') }}

)

select * from sla_applications

{{ config(materialized='view') }}

with

policies as (

    select
        policy_id,
        policy_name,
        position,
        metric,
        priority,
        ticket_type,
        customer_tier,
        target_minutes,
        is_business_hours,
        metric = 'group_ownership_time' as is_for_groups
    from {{ ref('stg_sla_policies') }}

),

-- Tickets are many, their combinations of conditions few: policies are tried on the latter.
kinds_of_ticket as (

    select distinct
        ticket_type,
        customer_tier
    from {{ ref('stg_tickets') }}

),

-- Policies for groups stand in a list of their own beside those for customers.
first_match as (

    select
        kinds_of_ticket.ticket_type,
        kinds_of_ticket.customer_tier,
        policies.is_for_groups,
        arg_min(
            policies.policy_id, struct_pack(place := policies.position, key := policies.policy_id)
        ) as policy_id
    from kinds_of_ticket
    inner join policies
        on
            (
                policies.ticket_type is null
                or kinds_of_ticket.ticket_type = policies.ticket_type
            )
            and (
                policies.customer_tier is null
                or kinds_of_ticket.customer_tier = policies.customer_tier
            )
    group by
        kinds_of_ticket.ticket_type,
        kinds_of_ticket.customer_tier,
        policies.is_for_groups

),

policy_targets as (

    select
        first_match.ticket_type,
        first_match.customer_tier,
        policies.metric,
        policies.priority,
        policies.policy_id,
        policies.policy_name,
        policies.target_minutes,
        policies.is_business_hours
    from first_match
    inner join policies
        on
            first_match.policy_id = policies.policy_id
            and first_match.is_for_groups = policies.is_for_groups

)

select * from policy_targets

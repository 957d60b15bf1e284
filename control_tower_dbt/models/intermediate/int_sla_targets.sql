with

tickets as (

    select
        ticket_id,
        ticket_type,
        priority,
        customer_tier,
        group_name
    from {{ ref('stg_tickets') }}
    where
        not is_deleted
        and merged_into_ticket_id is null

),

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
        is_business_hours
    from {{ ref('stg_sla_policies') }}

),

applications as (

    select
        ticket_id,
        metric,
        policy_id,
        policy_name,
        target_minutes,
        is_business_hours,
        is_met,
        applied_at
    from {{ ref('stg_sla_applications') }}

),

-- Tickets are many, their combinations of conditions few: policies are tried on the latter.
kinds_of_ticket as (

    select distinct
        ticket_type,
        customer_tier
    from tickets

),

first_match as (

    select
        kinds_of_ticket.ticket_type,
        kinds_of_ticket.customer_tier,
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
        kinds_of_ticket.customer_tier

),

matched_targets as (

    select
        tickets.ticket_id,
        policies.metric,
        policies.policy_id,
        policies.policy_name,
        policies.target_minutes,
        policies.is_business_hours,
        null::boolean as is_met
    from tickets
    inner join first_match
        on
            tickets.ticket_type is not distinct from first_match.ticket_type
            and tickets.customer_tier is not distinct from first_match.customer_tier
    inner join policies
        on
            first_match.policy_id = policies.policy_id
            and tickets.priority = policies.priority
    -- What the desk says it applied is the whole truth about its targets.
    where not exists (select 1 from applications)

),

-- A target applied later replaces the earlier one; the time already spent counts on.
applied_targets as (

    select
        ticket_id,
        metric,
        policy_id,
        policy_name,
        target_minutes,
        is_business_hours,
        is_met
    from applications
    qualify row_number() over (partition by ticket_id, metric order by applied_at desc) = 1

),

targets as (

    select
        ticket_id,
        metric,
        policy_id,
        policy_name,
        target_minutes,
        is_business_hours,
        is_met
    from matched_targets
    union all
    select
        ticket_id,
        metric,
        policy_id,
        policy_name,
        target_minutes,
        is_business_hours,
        is_met
    from applied_targets

),

latest_schedules as (

    select
        ticket_id,
        arg_max(schedule_id, effective_from) as schedule_id
    from {{ ref('stg_ticket_schedules') }}
    group by ticket_id

),

default_schedule as (

    select min(schedule_id) as schedule_id
    from {{ ref('stg_schedules') }}
    where is_default

),

schedules_with_hours as (

    select distinct schedule_id
    from {{ ref('stg_open_intervals') }}

),

targets_on_schedules as (

    select
        tickets.ticket_id,
        targets.policy_id,
        schedules_with_hours.schedule_id,
        targets.metric,
        targets.policy_name,
        tickets.priority,
        tickets.ticket_type,
        {{ group_label('tickets.group_name') }} as group_name,
        targets.target_minutes,
        -- Without opening hours to go by, the clock can only run by the calendar.
        targets.is_business_hours
        and schedules_with_hours.schedule_id is not null as is_business_hours,
        targets.is_met
    from targets
    inner join tickets
        on targets.ticket_id = tickets.ticket_id
    left join latest_schedules
        on targets.ticket_id = latest_schedules.ticket_id
    cross join default_schedule
    left join schedules_with_hours
        on
            coalesce(latest_schedules.schedule_id, default_schedule.schedule_id)
            = schedules_with_hours.schedule_id

)

select * from targets_on_schedules

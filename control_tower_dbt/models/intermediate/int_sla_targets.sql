{{ config(materialized='incremental') }}

with

landing as (

    select as_of
    from {{ ref('stg_landing') }}

),

tickets as (

    select
        ticket_id,
        created_at,
        ticket_type,
        customer_tier,
        group_name
    from {{ ref('stg_tickets') }}
    where {{ is_touched() }}

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

-- A clock is judged when it ends, or now.
clocks as (

    select
        clocks.ticket_id,
        clocks.metric,
        clocks.instance,
        clocks.holder,
        clocks.started_at,
        clocks.ended_at,
        clocks.clock_state,
        coalesce(clocks.ended_at, landing.as_of) as judged_at
    from {{ ref('int_sla_clocks') }} as clocks
    cross join landing
    where {{ is_touched('clocks.ticket_id') }}

),

clocks_of_tickets as (

    select
        clocks.ticket_id,
        clocks.metric,
        clocks.instance,
        clocks.started_at,
        clocks.ended_at,
        clocks.clock_state,
        clocks.judged_at,
        priorities.priority,
        tickets.ticket_type,
        tickets.customer_tier,
        {{ group_label('coalesce(clocks.holder, tickets.group_name)') }} as group_name
    from clocks
    inner join tickets
        on clocks.ticket_id = tickets.ticket_id
    left join {{ ref('int_sla_priorities') }} as priorities
        on
            clocks.ticket_id = priorities.ticket_id
            and clocks.judged_at >= priorities.began_at
            and (priorities.ended_at is null or clocks.judged_at < priorities.ended_at)

),

-- When the priority changes so does the target; the time already spent counts on.
matched_targets as (

    select
        clocks.ticket_id,
        clocks.metric,
        clocks.instance,
        clocks.started_at,
        clocks.ended_at,
        clocks.clock_state,
        clocks.priority,
        clocks.ticket_type,
        clocks.group_name,
        policy_targets.policy_id,
        policy_targets.policy_name,
        policy_targets.target_minutes,
        policy_targets.is_business_hours,
        null::boolean as is_met
    from clocks_of_tickets as clocks
    inner join {{ ref('int_sla_policy_targets') }} as policy_targets
        on
            clocks.metric = policy_targets.metric
            and clocks.priority = policy_targets.priority
            and clocks.ticket_type is not distinct from policy_targets.ticket_type
            and clocks.customer_tier is not distinct from policy_targets.customer_tier
    -- What the desk says it applied is the whole truth about its targets.
    where not exists (select 1 from applications)

),

-- Word of the first target may reach the log only after the clock has ended; a ticket that has
-- one clock of a metric got it all the same.
applications_from_when as (

    select
        applications.ticket_id,
        applications.metric,
        applications.policy_id,
        applications.policy_name,
        applications.target_minutes,
        applications.is_business_hours,
        applications.is_met,
        case
            when
                applications.metric not in (
                    'next_reply_time', 'periodic_update_time', 'group_ownership_time'
                )
                and row_number() over (
                    partition by applications.ticket_id, applications.metric
                    order by applications.applied_at
                ) = 1
                and applications.applied_at > tickets.created_at
                then tickets.created_at
            else applications.applied_at
        end as in_force_from
    from applications
    inner join tickets
        on applications.ticket_id = tickets.ticket_id

),

applications_in_force as (

    select
        ticket_id,
        metric,
        policy_id,
        policy_name,
        target_minutes,
        is_business_hours,
        is_met,
        in_force_from,
        lead(in_force_from) over (
            partition by ticket_id, metric
            order by in_force_from
        ) as in_force_until
    from applications_from_when

),

applied_targets as (

    select
        clocks.ticket_id,
        clocks.metric,
        clocks.instance,
        clocks.started_at,
        clocks.ended_at,
        clocks.clock_state,
        clocks.priority,
        clocks.ticket_type,
        clocks.group_name,
        applied.policy_id,
        applied.policy_name,
        applied.target_minutes,
        applied.is_business_hours,
        applied.is_met
    from clocks_of_tickets as clocks
    inner join applications_in_force as applied
        on
            clocks.ticket_id = applied.ticket_id
            and clocks.metric = applied.metric
            and clocks.judged_at >= applied.in_force_from
            and (applied.in_force_until is null or clocks.judged_at < applied.in_force_until)

),

targets as (

    {% for targets in ['matched_targets', 'applied_targets'] -%}
    select
        ticket_id,
        metric,
        instance,
        started_at,
        ended_at,
        clock_state,
        priority,
        ticket_type,
        group_name,
        policy_id,
        policy_name,
        target_minutes,
        is_business_hours,
        is_met
    from {{ targets }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
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
        targets.ticket_id,
        targets.metric,
        targets.instance,
        targets.started_at,
        targets.ended_at,
        targets.clock_state,
        targets.policy_id,
        schedules_with_hours.schedule_id,
        targets.policy_name,
        targets.priority,
        targets.ticket_type,
        targets.group_name,
        -- Clocks tick in microseconds: a target a hair short of one is that one.
        {{ microseconds('targets.target_minutes') }} / 60000000.0 as target_minutes,
        -- Without opening hours to go by, the clock can only run by the calendar.
        targets.is_business_hours
        and schedules_with_hours.schedule_id is not null as is_business_hours,
        targets.is_met
    from targets
    left join latest_schedules
        on targets.ticket_id = latest_schedules.ticket_id
    cross join default_schedule
    left join schedules_with_hours
        on
            coalesce(latest_schedules.schedule_id, default_schedule.schedule_id)
            = schedules_with_hours.schedule_id

)

select * from targets_on_schedules

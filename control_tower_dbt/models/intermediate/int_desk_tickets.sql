{{ config(materialized='ephemeral') }}

with

tickets as (

    select
        ticket_id,
        created_at,
        is_deleted,
        merged_into_ticket_id is not null as is_merged
    from {{ ref('stg_tickets') }}

),

metrics as (

    select
        ticket_id,
        metric,
        calendar_minutes,
        occurrences
    from {{ ref('stg_desk_ticket_metrics') }}

),

figures as (

    select
        ticket_id,
        max(occurrences) filter (where metric = 'reopens') as reopens,
        max(calendar_minutes) filter (where metric = 'agent_wait_time') as pending_minutes,
        max(calendar_minutes) filter (where metric = 'on_hold_time') as hold_minutes
    from metrics
    group by ticket_id

),

tickets_of_the_desk as (

    select ticket_id
    from figures
    union
    select ticket_id
    from {{ ref('stg_desk_metric_events') }}

),

states as (

    select
        states.ticket_id,
        states.event_id,
        states.state_number,
        states.status,
        states.previous_status
    from {{ ref('int_ticket_states') }} as states
    inner join tickets_of_the_desk
        on states.ticket_id = tickets_of_the_desk.ticket_id

),

histories as (

    select
        ticket_id,
        bool_or(state_number = 1 and event_id is null) as begins_late,
        bool_or(status = 'pending') as has_pending,
        bool_or(status = 'hold') as has_hold,
        count(*) filter (
            where {{ is_settled('previous_status') }} and not {{ is_settled('status') }}
        ) as reopens
    from states
    group by ticket_id

),

openings as (

    select
        events.ticket_id,
        arg_min(events.actor, struct_pack(moment := events.occurred_at, key := events.event_id))
            as opened_by
    from {{ ref('stg_ticket_events') }} as events
    inner join tickets_of_the_desk
        on events.ticket_id = tickets_of_the_desk.ticket_id
    group by events.ticket_id

),

default_schedule as (

    select min(schedule_id) as schedule_id
    from {{ ref('stg_schedules') }}
    where is_default

),

schedules_set as (

    select
        own.ticket_id,
        own.schedule_id,
        own.effective_from,
        coalesce(
            lag(own.schedule_id) over (
                partition by own.ticket_id
                order by own.effective_from
            ),
            default_schedule.schedule_id
        ) as previous_schedule_id
    from {{ ref('stg_ticket_schedules') }} as own
    cross join default_schedule

),

-- Once a ticket has another schedule, the tower goes by it from the ticket's first day.
schedules as (

    select
        ticket_id,
        arg_max(schedule_id, effective_from) as schedule_id,
        max(effective_from) filter (
            where schedule_id is distinct from previous_schedule_id
        ) as schedule_changed_at
    from schedules_set
    group by ticket_id

),

schedules_with_hours as (

    select distinct schedule_id
    from {{ ref('stg_open_intervals') }}

),

schedules_edited as (

    select
        schedule_id,
        max(edited_at) as schedule_edited_at
    from {{ ref('stg_schedules') }}
    group by schedule_id

),

desk_tickets as (

    select
        tickets.ticket_id,
        tickets.created_at,
        schedules_with_hours.schedule_id,
        schedules.schedule_changed_at,
        schedules_edited.schedule_edited_at,
        tickets.is_deleted,
        tickets.is_merged,
        coalesce(openings.opened_by = 'agent', false) as is_opened_by_agent,
        -- What the desk says happened, and no event tells of.
        coalesce(histories.begins_late, true)
        or coalesce(figures.reopens > histories.reopens, false)
        or coalesce(figures.pending_minutes > 0 and not histories.has_pending, false)
        or coalesce(figures.hold_minutes > 0 and not histories.has_hold, false)
            as is_history_incomplete,
        coalesce(histories.reopens, 0) as reopens
    from tickets
    inner join tickets_of_the_desk
        on tickets.ticket_id = tickets_of_the_desk.ticket_id
    cross join default_schedule
    left join figures
        on tickets.ticket_id = figures.ticket_id
    left join histories
        on tickets.ticket_id = histories.ticket_id
    left join openings
        on tickets.ticket_id = openings.ticket_id
    left join schedules
        on tickets.ticket_id = schedules.ticket_id
    left join schedules_with_hours
        on
            coalesce(schedules.schedule_id, default_schedule.schedule_id)
            = schedules_with_hours.schedule_id
    left join schedules_edited
        on schedules_with_hours.schedule_id = schedules_edited.schedule_id

)

select * from desk_tickets

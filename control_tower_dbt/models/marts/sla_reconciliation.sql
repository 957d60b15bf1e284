with

landing as (

    select as_of
    from {{ ref('stg_landing') }}

),

tickets as (

    select
        ticket_id,
        schedule_changed_at,
        schedule_edited_at,
        is_deleted,
        is_merged,
        is_opened_by_agent,
        is_history_incomplete,
        reopens
    from {{ ref('int_desk_tickets') }}

),

durations as (

    select
        ticket_id,
        metric,
        hours,
        started_at,
        ours_minutes,
        theirs_minutes,
        stretches,
        is_running
    from {{ ref('int_desk_durations') }}

),

desk_clocks as (

    select
        ticket_id,
        metric,
        instance,
        activated_at,
        fulfilled_at,
        breached_at,
        applied_at,
        target_minutes,
        is_business_hours,
        calendar_minutes,
        business_minutes,
        is_unfulfilled,
        is_followed,
        instances
    from {{ ref('int_desk_clocks') }}

),

tickets_with_clocks as (

    select distinct ticket_id
    from desk_clocks

),

-- Of tickets whose clocks the desk tells nothing of there is nothing to compare.
our_clocks as (

    select
        sla.ticket_id,
        sla.metric,
        sla.instance,
        sla.target_minutes,
        sla.is_business_hours,
        sla.started_at,
        sla.ended_at,
        sla.elapsed_minutes,
        sla.breach_at,
        sla.sla_status
    from {{ ref('sla') }} as sla
    inner join tickets_with_clocks
        on sla.ticket_id = tickets_with_clocks.ticket_id

),

-- What the desk promised nothing about, the tower has no clock for.
clocks as (

    select
        coalesce(ours.ticket_id, theirs.ticket_id) as ticket_id,
        coalesce(ours.metric, theirs.metric) as metric,
        coalesce(ours.instance, theirs.instance) as instance,
        coalesce(ours.started_at, theirs.activated_at) as started_at,
        theirs.activated_at,
        ours.ended_at,
        theirs.fulfilled_at,
        ours.elapsed_minutes,
        case
            when coalesce(ours.is_business_hours, theirs.is_business_hours)
                then theirs.business_minutes
            else theirs.calendar_minutes
        end as desk_minutes,
        case
            when ours.sla_status = 'breached' and ours.breach_at <= landing.as_of
                then ours.breach_at
        end as breached_at,
        theirs.breached_at as desk_breached_at,
        ours.target_minutes,
        theirs.target_minutes as desk_target_minutes,
        theirs.applied_at as desk_applied_at,
        coalesce(ours.is_business_hours, theirs.is_business_hours) as is_business_hours,
        ours.ticket_id is not null
        and coalesce(theirs.is_followed, true) as has_comparable_end,
        coalesce(theirs.is_unfulfilled, false) as is_unfulfilled,
        coalesce(theirs.instances, 0) as instances
    from our_clocks as ours
    full join desk_clocks as theirs
        on
            ours.ticket_id = theirs.ticket_id
            and ours.metric = theirs.metric
            and ours.instance = theirs.instance
    cross join landing
    where ours.ticket_id is not null or theirs.target_minutes is not null

),

clocks_with_notes as (

    select
        clocks.ticket_id,
        clocks.metric,
        clocks.instance,
        clocks.started_at,
        clocks.ended_at,
        clocks.fulfilled_at,
        clocks.elapsed_minutes,
        clocks.desk_minutes,
        clocks.breached_at,
        clocks.desk_breached_at,
        clocks.target_minutes,
        clocks.is_business_hours,
        clocks.has_comparable_end,
        clocks.is_unfulfilled,
        -- Solving a ticket ends the clocks that are one a ticket, until it is reopened.
        clocks.metric in ('requester_wait_time', 'agent_work_time', 'total_resolution_time')
        and clocks.instances > 1
        and tickets.reopens > 0 as is_counted_anew,
        clocks.metric = 'first_reply_time'
        and tickets.is_opened_by_agent
        and (clocks.activated_at is null or clocks.activated_at > clocks.started_at)
            as is_started_otherwise,
        case
            when clocks.desk_target_minutes is null then 'no target at the desk'
            when clocks.desk_target_minutes != clocks.target_minutes
                then 'another target at the desk'
            when
                abs({{ minutes_between('clocks.desk_applied_at', 'clocks.desk_breached_at') }}) <= 1
                and clocks.desk_applied_at > clocks.started_at
                then 'target lowered later'
        end as reason_of_target
    from clocks
    inner join tickets
        on clocks.ticket_id = tickets.ticket_id

),

-- A clock that runs on here and there shows nothing to compare yet.
elapsed as (

    select
        ticket_id,
        metric,
        instance,
        started_at,
        elapsed_minutes as ours_minutes,
        desk_minutes as theirs_minutes,
        is_business_hours,
        is_unfulfilled as is_running,
        is_counted_anew,
        is_started_otherwise,
        null::varchar as reason_of_target
    from clocks_with_notes
    where
        desk_minutes is not null
        and (ended_at is not null or not is_unfulfilled)

),

ends as (

    select
        ticket_id,
        metric || '_fulfilled' as metric,
        instance,
        started_at,
        {{ minutes_between('started_at', 'ended_at') }} as ours_minutes,
        {{ minutes_between('started_at', 'fulfilled_at') }} as theirs_minutes,
        -- When a reply was given or a ticket solved does not hang on opening hours.
        false as is_business_hours,
        is_unfulfilled as is_running,
        is_counted_anew,
        is_started_otherwise,
        null::varchar as reason_of_target
    from clocks_with_notes
    where
        has_comparable_end
        and (ended_at is not null or fulfilled_at is not null)

),

breaches as (

    select
        ticket_id,
        metric || '_breached' as metric,
        instance,
        started_at,
        {{ minutes_between('started_at', 'breached_at') }} as ours_minutes,
        {{ minutes_between('started_at', 'desk_breached_at') }} as theirs_minutes,
        is_business_hours,
        false as is_running,
        is_counted_anew,
        is_started_otherwise,
        reason_of_target
    from clocks_with_notes
    where
        breached_at is not null
        or desk_breached_at is not null

),

clock_figures as (

    {% for figures in ['elapsed', 'ends', 'breaches'] -%}
    select
        ticket_id,
        metric,
        instance,
        started_at,
        ours_minutes,
        theirs_minutes,
        is_business_hours,
        1 as stretches,
        is_running,
        is_counted_anew,
        is_started_otherwise,
        reason_of_target
    from {{ figures }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

ticket_figures as (

    select
        durations.ticket_id,
        durations.metric || '_' || durations.hours as metric,
        1::bigint as instance,
        durations.started_at,
        durations.ours_minutes,
        durations.theirs_minutes,
        durations.hours = 'business' as is_business_hours,
        greatest(durations.stretches, 1) as stretches,
        durations.is_running,
        false as is_counted_anew,
        durations.metric = 'reply_time'
        and tickets.is_opened_by_agent
        and durations.theirs_minutes is null as is_started_otherwise,
        null::varchar as reason_of_target
    from durations
    inner join tickets
        on durations.ticket_id = tickets.ticket_id

),

figures as (

    {% for figures in ['clock_figures', 'ticket_figures'] -%}
    select
        ticket_id,
        metric,
        instance,
        started_at,
        ours_minutes,
        theirs_minutes,
        ours_minutes - theirs_minutes as difference_minutes,
        is_business_hours,
        stretches,
        is_running,
        is_counted_anew,
        is_started_otherwise,
        reason_of_target
    from {{ figures }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

final as (

    select
        figures.ticket_id,
        figures.metric,
        figures.instance,
        figures.ours_minutes,
        figures.theirs_minutes,
        figures.difference_minutes,
        case
            when abs(figures.difference_minutes) < 0.000001 then null
            -- The desk rounds every stretch of a wait for itself.
            when abs(figures.difference_minutes) <= figures.stretches then 'rounded to minutes'
            when tickets.is_deleted then 'ticket deleted'
            when tickets.is_merged then 'ticket merged'
            when tickets.is_history_incomplete then 'history incomplete'
            when figures.is_started_otherwise then 'opened by an agent'
            when figures.is_counted_anew then 'counted anew when reopened'
            when figures.reason_of_target is not null then figures.reason_of_target
            when figures.is_running then 'still running at the desk'
            when figures.is_business_hours and tickets.schedule_changed_at > figures.started_at
                then 'schedule changed'
            -- The desk's figure is of the hours as they were, ours of the hours as they are.
            when figures.is_business_hours and tickets.schedule_edited_at > figures.started_at
                then 'schedule edited later'
        end as reason
    from figures
    inner join tickets
        on figures.ticket_id = tickets.ticket_id

)

select * from final

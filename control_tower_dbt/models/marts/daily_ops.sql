with

landing as (

    select as_of
    from {{ ref('stg_landing') }}

),

outcomes as (

    select
        ticket_id,
        group_name,
        created_at,
        solved_at,
        cycle_hours
    from {{ ref('ticket_outcomes') }}
    where not is_deleted

),

daily_flows as (

    select
        day,
        group_name,
        created,
        reopened,
        received,
        handed_over,
        solved
    from {{ ref('int_daily_flows') }}

),

daily_cycles as (

    select
        {{ utc_day('solved_at') }} as day,
        group_name,
        median(cycle_hours) as median_cycle_hours
    from outcomes
    where solved_at is not null
    group by
        day,
        group_name

),

decided_targets as (

    select
        sla.group_name,
        sla.sla_status,
        {{ utc_day(decided_at('sla', 'landing')) }} as day
    from {{ ref('sla') }} as sla
    cross join landing
    where sla.is_decided

),

daily_targets as (

    select
        day,
        group_name,
        count(*) filter (where sla_status = 'breached') as breaches,
        avg(cast(sla_status = 'within_sla' as integer)) as sla_attainment
    from decided_targets
    group by
        day,
        group_name

),

daily_ratings as (

    select
        {{ utc_day('ratings.rated_at') }} as day,
        outcomes.group_name,
        avg(ratings.score) as csat_mean
    from {{ ref('stg_satisfaction_ratings') }} as ratings
    inner join outcomes
        on ratings.ticket_id = outcomes.ticket_id
    group by
        day,
        outcomes.group_name

),

-- Effort carries no date of its own; it is counted on the day the ticket was solved.
daily_efforts as (

    select
        {{ utc_day('outcomes.solved_at') }} as day,
        costs.group_name,
        sum(costs.handle_minutes) as handle_minutes,
        sum(costs.cost_usd) as cost_usd
    from {{ ref('stg_ticket_costs') }} as costs
    inner join outcomes
        on costs.ticket_id = outcomes.ticket_id
    where outcomes.solved_at is not null
    group by
        day,
        costs.group_name

),

groups as (

    select group_name
    from daily_flows
    union distinct
    select group_name
    from outcomes
    union distinct
    select group_name
    from daily_efforts

),

span as (

    select
        {{ utc_day('min(outcomes.created_at)') }} as first_day,
        {{ utc_day('max(landing.as_of)') }} as last_day
    from outcomes
    cross join landing

),

days as (

    select cast(unnest(generate_series(first_day, last_day, interval 1 day)) as date) as day
    from span

),

days_by_group as (

    select
        days.day,
        groups.group_name,
        timezone('UTC', days.day + interval 1 day) <= landing.as_of as is_complete
    from days
    cross join groups
    cross join landing

),

counted as (

    select
        days_by_group.day,
        days_by_group.group_name,
        days_by_group.is_complete,
        coalesce(daily_flows.created, 0) as created,
        coalesce(daily_flows.reopened, 0) as reopened,
        coalesce(daily_flows.received, 0) as received,
        coalesce(daily_flows.handed_over, 0) as handed_over,
        coalesce(daily_flows.solved, 0) as solved,
        coalesce(daily_targets.breaches, 0) as breaches,
        daily_targets.sla_attainment,
        daily_ratings.csat_mean,
        daily_efforts.handle_minutes,
        daily_efforts.cost_usd,
        daily_cycles.median_cycle_hours
    from days_by_group
    left join daily_flows
        on
            days_by_group.day = daily_flows.day
            and days_by_group.group_name = daily_flows.group_name
    left join daily_targets
        on
            days_by_group.day = daily_targets.day
            and days_by_group.group_name = daily_targets.group_name
    left join daily_ratings
        on
            days_by_group.day = daily_ratings.day
            and days_by_group.group_name = daily_ratings.group_name
    left join daily_efforts
        on
            days_by_group.day = daily_efforts.day
            and days_by_group.group_name = daily_efforts.group_name
    left join daily_cycles
        on
            days_by_group.day = daily_cycles.day
            and days_by_group.group_name = daily_cycles.group_name

),

final as (

    select
        day,
        group_name,
        is_complete,
        created,
        reopened,
        received,
        handed_over,
        solved,
        cast(
            sum(created + reopened + received - handed_over - solved) over (
                partition by group_name
                order by day
            ) as bigint
        ) as backlog,
        breaches,
        sla_attainment,
        median_cycle_hours,
        csat_mean,
        handle_minutes,
        cost_usd
    from counted

)

select * from final

{%- set figures = {
    'created': ['created'],
    'solved': ['solved', 'costed', 'cost_usd'],
    'rated': ['ratings', 'score_total'],
    'decided': ['decided', 'met'],
    'moved': ['backlog_change'],
} -%}

with

landing as (

    select as_of
    from {{ ref('stg_landing') }}

),

outcomes as (

    select
        ticket_id,
        group_name,
        priority,
        ticket_type,
        channel,
        customer_tier,
        created_at,
        solved_at,
        cost_usd,
        is_deleted
    from {{ ref('ticket_outcomes') }}

),

created as (

    select
        {{ utc_day('created_at') }} as day,
        group_name,
        priority,
        ticket_type,
        channel,
        customer_tier,
        count(*) as created
    from outcomes
    where not is_deleted
    group by all

),

solved as (

    select
        {{ utc_day('solved_at') }} as day,
        group_name,
        priority,
        ticket_type,
        channel,
        customer_tier,
        count(*) as solved,
        count(cost_usd) as costed,
        sum(cost_usd) as cost_usd
    from outcomes
    where not is_deleted and solved_at is not null
    group by all

),

rated as (

    select
        {{ utc_day('ratings.rated_at') }} as day,
        outcomes.group_name,
        outcomes.priority,
        outcomes.ticket_type,
        outcomes.channel,
        outcomes.customer_tier,
        count(*) as ratings,
        sum(ratings.score) as score_total
    from {{ ref('stg_satisfaction_ratings') }} as ratings
    inner join outcomes
        on ratings.ticket_id = outcomes.ticket_id
    where not outcomes.is_deleted
    group by all

),

decided as (

    select
        {{ utc_day(decided_at('sla', 'landing')) }} as day,
        sla.group_name,
        sla.priority,
        sla.ticket_type,
        outcomes.channel,
        outcomes.customer_tier,
        count(*) as decided,
        count(*) filter (where sla.sla_status = 'within_sla') as met
    from {{ ref('sla') }} as sla
    cross join landing
    left join outcomes
        on sla.ticket_id = outcomes.ticket_id
    where sla.is_decided
    group by all

),

open_states as (

    select
        {{ group_label('states.group_name') }} as group_name,
        states.priority,
        outcomes.ticket_type,
        outcomes.channel,
        outcomes.customer_tier,
        {{ utc_day('states.began_at') }} as began_on,
        {{ utc_day('states.next_began_at') }} as ended_on
    from {{ ref('int_ticket_states') }} as states
    inner join outcomes
        on states.ticket_id = outcomes.ticket_id
    where not outcomes.is_deleted and not {{ is_settled('states.status') }}

),

-- What begins and ends on the same day leaves the backlog of its end as it was.
moved as (

    select
        began_on as day,
        group_name,
        priority,
        ticket_type,
        channel,
        customer_tier,
        count(*) as backlog_change
    from open_states
    where ended_on is null or began_on != ended_on
    group by all

    union all

    select
        ended_on as day,
        group_name,
        priority,
        ticket_type,
        channel,
        customer_tier,
        -count(*) as backlog_change
    from open_states
    where began_on != ended_on
    group by all

),

-- Each step has the figures it knows, and none of the others'.
counted as (

    {% for step, known in figures.items() -%}
    select
        day,
        group_name,
        priority,
        ticket_type,
        channel,
        customer_tier,
        {% for figure in figures.values() | sum(start=[]) -%}
        {{ figure if figure in known else '0 as ' ~ figure }}{% if not loop.last %},{% endif %}
        {% endfor -%}
    from {{ step }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

final as (

    select
        day,
        group_name,
        priority,
        ticket_type,
        channel,
        customer_tier,
        cast(sum(created) as bigint) as created,
        cast(sum(solved) as bigint) as solved,
        cast(sum(costed) as bigint) as costed,
        coalesce(sum(cost_usd), 0) as cost_usd,
        cast(sum(ratings) as bigint) as ratings,
        cast(sum(score_total) as bigint) as score_total,
        cast(sum(decided) as bigint) as decided,
        cast(sum(met) as bigint) as met,
        cast(sum(backlog_change) as bigint) as backlog_change
    from counted
    group by
        day,
        group_name,
        priority,
        ticket_type,
        channel,
        customer_tier
    order by day

)

select * from final

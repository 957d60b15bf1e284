{{ config(meta={'dagster': {'ref': {'name': 'group_performance'}}}) }}

with

groups as (

    select coalesce(sum(cost_usd), 0) as cost_usd
    from {{ ref('group_performance') }}

),

outcomes as (

    select coalesce(sum(cost_usd), 0) as cost_usd
    from {{ ref('ticket_outcomes') }}
    where not is_deleted

)

select
    groups.cost_usd as cost_in_groups,
    outcomes.cost_usd as cost_in_all
from groups
cross join outcomes
where abs(groups.cost_usd - outcomes.cost_usd) > 0.01 + 0.000000001 * abs(outcomes.cost_usd)

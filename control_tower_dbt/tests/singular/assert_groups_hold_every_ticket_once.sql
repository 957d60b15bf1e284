{{ config(meta={'dagster': {'ref': {'name': 'group_performance'}}}) }}

with

groups as (

    select coalesce(sum(tickets), 0) as tickets
    from {{ ref('group_performance') }}

),

outcomes as (

    select count(*) as tickets
    from {{ ref('ticket_outcomes') }}
    where not is_deleted

)

select
    groups.tickets as tickets_in_groups,
    outcomes.tickets as tickets_in_all
from groups
cross join outcomes
where groups.tickets != outcomes.tickets

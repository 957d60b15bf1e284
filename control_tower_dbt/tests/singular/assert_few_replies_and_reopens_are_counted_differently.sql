{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'stg_desk_ticket_metrics'}}}) }}

with

theirs as (

    select
        ticket_id,
        metric,
        occurrences
    from {{ ref('stg_desk_ticket_metrics') }}
    where metric in ('replies', 'reopens')

),

replies as (

    select
        ticket_id,
        count(*) filter (where is_public_agent_reply) as replies
    from {{ ref('int_ticket_states') }}
    group by ticket_id

),

compared as (

    select
        theirs.metric,
        case
            when theirs.metric = 'reopens' then theirs.occurrences != tickets.reopens
            -- What an agent opened a ticket with may count as a reply at the desk.
            else
                theirs.occurrences < replies.replies
                or theirs.occurrences
                > replies.replies + cast(tickets.is_opened_by_agent as bigint)
        end as is_different
    from theirs
    inner join {{ ref('int_desk_tickets') }} as tickets
        on theirs.ticket_id = tickets.ticket_id
    inner join replies
        on theirs.ticket_id = replies.ticket_id

)

select
    metric,
    count(*) as compared,
    count(*) filter (where is_different) as different
from compared
group by metric
having
    count(*) filter (where is_different)
    > count(*) * {{ env_var('CONTROL_TOWER_UNEXPLAINED_SHARE', '0.02') }}

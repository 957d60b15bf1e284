{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'stg_satisfaction_ratings'}}}) }}

select
    ratings.rating_id,
    ratings.ticket_id,
    ratings.rated_at,
    tickets.created_at
from {{ ref('stg_satisfaction_ratings') }} as ratings
inner join {{ ref('stg_tickets') }} as tickets
    on ratings.ticket_id = tickets.ticket_id
where ratings.rated_at < tickets.created_at

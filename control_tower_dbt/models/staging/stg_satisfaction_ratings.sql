with

satisfaction_ratings as (

    select
        rating_id,
        ticket_id,
        score,
        rated_at
    from {{ source('raw', 'satisfaction_ratings') }}

)

select * from satisfaction_ratings

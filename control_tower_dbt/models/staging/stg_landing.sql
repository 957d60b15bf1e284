with

landing as (

    select
        landing_id,
        source,
        described_as,
        as_of
    from {{ source('reference', 'landing') }}

)

select * from landing

with

paths as (

    select
        ticket_id,
        activities
    from {{ ref('int_ticket_paths') }}

),

tickets_by_variant as (

    select
        activities,
        count(*) as tickets
    from paths
    group by activities

),

-- The path settles ties, so that the same tickets always get the same numbers.
variants as (

    select
        activities,
        row_number() over (
            order by tickets desc, array_to_string(activities, ' → ') asc, activities asc
        ) as variant_id
    from tickets_by_variant

),

ticket_variants as (

    select
        paths.ticket_id,
        variants.variant_id
    from paths
    inner join variants
        on paths.activities = variants.activities

)

select * from ticket_variants

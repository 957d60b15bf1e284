with

variants as (

    select
        variant_id,
        count(*) as tickets
    from {{ ref('ticket_outcomes') }}
    where variant_id is not null
    group by variant_id

),

in_order as (

    select
        variant_id,
        tickets,
        lag(tickets) over (order by variant_id) as tickets_before,
        row_number() over (order by variant_id) as place
    from variants

)

select
    variant_id,
    place,
    tickets,
    tickets_before
from in_order
where
    variant_id != place
    or tickets > tickets_before

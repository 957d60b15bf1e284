with

landed as (

    select
        group_name,
        fte,
        productive_hours_per_day,
        shrinkage,
        target_occupancy
    from {{ source('reference', 'group_capacity') }}

),

set_by_hand as (

    select
        group_name,
        fte,
        productive_hours_per_day,
        shrinkage,
        target_occupancy
    from {{ ref('group_capacity') }}

),

-- One desk's groups only: staffing set by hand counts where the source knows none at all.
group_capacity as (

    select * from landed
    union all
    select * from set_by_hand
    where not exists (select 1 from landed)

)

select * from group_capacity

with

counted as (

    select
        count(*) as row_count,
        count(distinct day) as days,
        count(distinct group_name) as group_count,
        date_diff('day', min(day), max(day)) + 1 as days_spanned
    from {{ ref('daily_ops') }}

)

select
    row_count,
    days,
    group_count,
    days_spanned
from counted
where
    row_count != days * group_count
    or days != days_spanned

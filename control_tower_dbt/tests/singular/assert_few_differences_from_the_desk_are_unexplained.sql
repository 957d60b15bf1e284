{{ config(severity='warn', meta={'dagster': {'ref': {'name': 'sla_reconciliation'}}}) }}

with

figures as (

    select
        metric,
        reason is null
        and coalesce(abs(difference_minutes) > 1, true) as is_unexplained
    from {{ ref('sla_reconciliation') }}

),

shares as (

    select
        count(*) as compared,
        count(*) filter (where is_unexplained) as unexplained,
        mode(metric) filter (where is_unexplained) as most_often
    from figures

)

select
    compared,
    unexplained,
    most_often
from shares
where unexplained > compared * {{ env_var('CONTROL_TOWER_UNEXPLAINED_SHARE', '0.02') }}

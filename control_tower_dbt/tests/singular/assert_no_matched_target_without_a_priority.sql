{{ config(meta={'dagster': {'ref': {'name': 'sla'}}}) }}

-- A desk that tells which targets it applied may do without priorities.
select
    ticket_id,
    metric,
    policy_name
from {{ ref('sla') }}
where
    priority is null
    and not exists (select 1 from {{ ref('stg_sla_applications') }})

select count(distinct schedule_id) as default_schedules
from {{ ref('stg_schedules') }}
where is_default
having count(distinct schedule_id) > 1

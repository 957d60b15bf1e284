select
    day,
    sum(received) as received,
    sum(handed_over) as handed_over
from {{ ref('daily_ops') }}
group by day
having sum(received) != sum(handed_over)

-- One row per task and UTC day: calls and USD.
select
    calls_by_task_and_day.task_id as task_id,               -- task
    calls_by_task_and_day.requested_date as requested_date, -- UTC day
    round(sum(calls_by_task_and_day.calls), 6) as calls,              -- calls
    round(sum(calls_by_task_and_day.cost_usd), 6) as cost_usd         -- USD, of the priced calls
from calls_by_task_and_day
group by all
order by all

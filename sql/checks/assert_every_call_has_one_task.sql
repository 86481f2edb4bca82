-- One row per call that the analysis gave no task, or several.
select
    raw_calls.call_id as call_id,                -- the call
    count(call_tasks.task_id)::bigint as tasks   -- tasks that claim it; one is right
from raw_calls
left join call_tasks on call_tasks.call_id = raw_calls.call_id
group by all
having tasks <> 1
limit 5

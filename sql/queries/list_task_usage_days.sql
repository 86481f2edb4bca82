-- One row per UTC day of one task: what a forecast reads. Days of the log without calls of the task have no row.
with last_days as (
    select max(calls_by_task_and_day.requested_date) as log_end
    from calls_by_task_and_day
)
select
    calls_by_task_and_day.requested_date as requested_date,                        -- UTC day
    round(sum(calls_by_task_and_day.calls), 6) as calls,                           -- calls
    round(sum(calls_by_task_and_day.cost_usd), 6) as cost_usd,                     -- USD, of the priced calls
    coalesce(sum(calls_by_task_and_day.unpriced_calls), 0) as unpriced_calls,      -- calls whose price is unknown
    sum(calls_by_task_and_day.input_tokens + coalesce(calls_by_task_and_day.output_tokens, 0)) as tokens, -- of the calls
    max(last_days.log_end) as log_end                                              -- last UTC day of the whole log
from calls_by_task_and_day
cross join last_days
where calls_by_task_and_day.task_id = $task_id
group by all
order by all

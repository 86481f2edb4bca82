-- One row per task and model of the log's newest $days days: tokens by kind and spend, for what other models would cost.
with newest as (
    select max(calls_by_task_and_day.requested_date) as day
    from calls_by_task_and_day
)

select
    calls_by_task_and_day.task_id as task_id,                                            -- task
    calls_by_task_and_day.model as model,                                                -- as the source wrote it
    sum(calls_by_task_and_day.calls) as calls,                                           -- calls
    round(sum(calls_by_task_and_day.cost_usd), 6) as cost_usd,                           -- USD of the calls
    sum(calls_by_task_and_day.input_tokens) as input_tokens,                             -- all input tokens
    coalesce(sum(calls_by_task_and_day.cache_read_tokens), 0) as cache_read_tokens,      -- of them read from the cache
    coalesce(sum(calls_by_task_and_day.cache_write_tokens), 0) as cache_write_tokens,    -- of them written to it
    sum(calls_by_task_and_day.output_tokens) as output_tokens,                           -- all output tokens
    coalesce(sum(calls_by_task_and_day.reasoning_tokens), 0) as reasoning_tokens         -- of them hidden reasoning
from calls_by_task_and_day
cross join newest
where calls_by_task_and_day.requested_date > newest.day - $days::integer
group by all
order by task_id, cost_usd desc nulls last, model

-- One row per task, UTC day and model: sums that can be added up over days, files and machines.
select
    call_tasks.task_id as task_id,                                                      -- task
    calls.requested_at::date as requested_date,                                         -- UTC day
    calls.model as model,                                                               -- as the source wrote it
    count(*) as rows,                                                                   -- rows of the log
    sum(calls.weight) as calls,                                                         -- calls they stand for
    sum(calls.cost_usd) as logged_rows_cost_usd,                                        -- USD of the rows, exact
    sum(calls.cost_usd::double * calls.weight) as cost_usd,                             -- USD of the calls
    sum(calls.weight) filter (where calls.cost_usd is null) as unpriced_calls,          -- price unknown
    sum(calls.logged_cost_usd * calls.weight) as logged_cost_usd,                       -- USD that the source says
    sum(calls.weight) filter (where calls.status = 'failure') as failed_calls,          -- failures
    sum(calls.weight) filter (where calls.is_retry) as retried_calls,                   -- repeats after a failure
    sum(calls.weight) filter (where calls.served_by = 'cache') as cached_calls,         -- gateway cache hits
    sum((calls.in_uncached + calls.in_cache_read + calls.in_cache_write_5m + calls.in_cache_write_1h) * calls.weight)
        as input_tokens,                                                                -- all input tokens
    sum(calls.in_cache_read * calls.weight) as cache_read_tokens,                       -- of them read from the cache
    sum((calls.out_visible + calls.out_reasoning) * calls.weight) as output_tokens,     -- all output tokens
    min(calls.requested_at) as first_at,                                                -- earliest call
    max(calls.requested_at) as last_at                                                  -- latest call
from calls
inner join call_tasks on call_tasks.call_id = calls.call_id
group by all

-- One row per task, UTC day and model: sums that can be added up over days, files and machines.
select
    call_facts.task_id as task_id,                                                      -- task
    call_facts.requested_at::date as requested_date,                                         -- UTC day
    call_facts.model as model,                                                               -- as the source wrote it
    count(*) as rows,                                                                   -- rows of the log
    sum(call_facts.weight) as calls,                                                         -- calls they stand for
    sum(call_facts.cost_usd) as logged_rows_cost_usd,                                        -- USD of the rows, exact
    round(sum(call_facts.cost_usd::double * call_facts.weight), 6) as cost_usd,                             -- USD of the calls
    sum(call_facts.weight) filter (where call_facts.cost_usd is null) as unpriced_calls,          -- price unknown
    round(sum(call_facts.logged_cost_usd * call_facts.weight), 6) as logged_cost_usd,                       -- USD that the source says
    sum(call_facts.weight) filter (where call_facts.status = 'failure') as failed_calls,          -- failures
    sum(call_facts.weight) filter (where call_facts.is_retry) as retried_calls,                   -- repeats after a failure
    sum(call_facts.weight) filter (where call_facts.served_by = 'cache') as cached_calls,         -- gateway cache hits
    sum(call_facts.input_tokens * call_facts.weight) as input_tokens,                             -- all input tokens
    sum(call_facts.in_cache_read * call_facts.weight) as cache_read_tokens,                       -- of them read from the cache
    sum(call_facts.output_tokens * call_facts.weight) as output_tokens,     -- all output tokens
    min(call_facts.requested_at) as first_at,                                                -- earliest call
    max(call_facts.requested_at) as last_at                                                  -- latest call
from call_facts
group by all

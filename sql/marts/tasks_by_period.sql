-- One row per task: its volume, spend and outcome over the whole log.
select
    calls_by_task_and_day.task_id as task_id,                                              -- task
    sum(calls_by_task_and_day.rows)::bigint as rows,                                       -- rows of the log
    round(sum(calls_by_task_and_day.calls), 6) as calls,                                   -- calls they stand for
    round(sum(calls_by_task_and_day.cost_usd), 6) as cost_usd,                             -- USD of the calls
    coalesce(sum(calls_by_task_and_day.unpriced_calls), 0) as unpriced_calls,              -- price unknown
    round(sum(calls_by_task_and_day.logged_cost_usd), 6) as logged_cost_usd,               -- USD that the source says
    coalesce(sum(calls_by_task_and_day.failed_calls), 0) as failed_calls,                  -- failures
    coalesce(sum(calls_by_task_and_day.retried_calls), 0) as retried_calls,                -- repeats after a failure
    coalesce(sum(calls_by_task_and_day.cached_calls), 0) as cached_calls,                  -- gateway cache hits
    sum(calls_by_task_and_day.input_tokens) as input_tokens,                               -- all input tokens
    sum(calls_by_task_and_day.cache_read_tokens) as cache_read_tokens,                     -- of them read from the cache
    sum(calls_by_task_and_day.cache_write_tokens) as cache_write_tokens,                   -- of them written to it
    sum(calls_by_task_and_day.reasoning_tokens) as reasoning_tokens,                       -- hidden reasoning, part of the output
    sum(calls_by_task_and_day.output_tokens) as output_tokens,                             -- all output tokens
    min(calls_by_task_and_day.first_at) as first_at,                                       -- earliest call
    max(calls_by_task_and_day.last_at) as last_at,                                         -- latest call
    list(distinct calls_by_task_and_day.model order by calls_by_task_and_day.model) as models, -- models that answered
    sum(calls_by_task_and_day.rows_with_user)::bigint as rows_with_user,                   -- rows that name a user
    sum(calls_by_task_and_day.trainable_rows)::bigint as trainable_rows,                   -- whole, successful answers of the teacher
    round(sum(calls_by_task_and_day.trainable_input_tokens)
        / nullif(sum(calls_by_task_and_day.trainable_rows_with_input), 0), 9) as mean_input_tokens, -- of the trainable rows
    round(sum(calls_by_task_and_day.trainable_output_tokens)
        / nullif(sum(calls_by_task_and_day.trainable_rows_with_output), 0), 9) as mean_output_tokens, -- of the trainable rows
    sum(calls_by_task_and_day.system_characters)::bigint as system_characters,                     -- constant part of their prompts
    sum(calls_by_task_and_day.input_characters)::bigint as input_characters,                       -- varying part of their prompts
    sum(calls_by_task_and_day.tool_successes)
        / nullif(sum(calls_by_task_and_day.successes), 0) as tool_call_share,              -- successes answered with a tool
    sum(calls_by_task_and_day.multi_turn_successes)
        / nullif(sum(calls_by_task_and_day.successes), 0) as multi_turn_share              -- successes with more than one message
from calls_by_task_and_day
group by all

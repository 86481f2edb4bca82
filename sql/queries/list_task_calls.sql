-- One row per call of one task, oldest first: what a training run collects.
select
    task_calls.call_id as call_id,             -- the call
    task_calls.requested_at as requested_at,   -- UTC
    task_calls.input_text as input_text,       -- last user message
    task_calls.output_text as output_text,     -- answer
    gold.gold as gold,                         -- answer known to be right, where given
    task_calls.status as status,               -- success or failure
    task_calls.error_class as error_class,     -- kind of failure
    task_calls.is_truncated as is_truncated,   -- the log cut the text
    task_calls.is_retry as is_retry,           -- a repeat after a failure
    task_calls.finish_reason as finish_reason, -- stop, length, ...
    task_calls.latency_ms as latency_ms,       -- until the whole answer
    task_calls.cost_usd as cost_usd,           -- USD, null when unknown
    task_calls.weight as weight,               -- calls that this row stands for
    task_calls.user_hash as user_hash,         -- end user
    task_calls.served_by as served_by,         -- teacher, student or cache
    task_calls.system_prompt as system_prompt, -- as sent
    task_calls.response_schema as response_schema -- what the answer was bound to
from task_calls
left join gold on gold.call_id = task_calls.call_id
where task_calls.task_id = $task_id
order by requested_at, call_id

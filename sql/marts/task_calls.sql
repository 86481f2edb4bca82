-- One row per call of a task, with its texts: what training and sampling read.
select
    call_tasks.task_id as task_id,                        -- task
    calls.call_id as call_id,                             -- the call
    calls.requested_at as requested_at,                   -- UTC
    calls.input_text as input_text,                       -- last user message
    calls.output_text as output_text,                     -- answer
    calls.status as status,                               -- success or failure
    calls.error_class as error_class,                     -- kind of failure
    calls.is_truncated as is_truncated,                   -- the log cut the text
    calls.is_retry as is_retry,                           -- a repeat after a failure
    calls.finish_reason as finish_reason,                 -- stop, length, ...
    calls.served_by as served_by,                         -- teacher, student or cache
    calls.latency_ms as latency_ms,                       -- until the whole answer
    calls.cost_usd as cost_usd,                           -- USD, null when unknown
    calls.weight as weight,                               -- calls that this row stands for
    calls.user_hash as user_hash,                         -- end user
    calls.system_prompt as system_prompt,                 -- as sent
    calls.response_schema as response_schema              -- what the answer was bound to
from calls
inner join call_tasks on call_tasks.call_id = calls.call_id

-- One row per call of a task, with what narrowness and training ask of its text.
select
    call_tasks.task_id as task_id,                        -- task
    calls.call_id as call_id,                             -- the call
    calls.requested_at as requested_at,                   -- UTC
    calls.input_text as input_text,                       -- last user message
    calls.output_text as output_text,                     -- answer
    calls.system_prompt as system_prompt,                 -- as sent
    calls.opening_text as opening_text,                   -- first user message
    calls.turns as turns,                                 -- messages without the system prompt
    calls.tool_calls as tool_calls,                       -- JSON, null when none
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
    calls.in_uncached + calls.in_cache_read + calls.in_cache_write_5m + calls.in_cache_write_1h as input_tokens, -- all input
    calls.out_visible + calls.out_reasoning as output_tokens, -- all output
    hash(lower(trim(coalesce(calls.messages, calls.input_text)))) as request_key, -- equal for equal requests
    lower(trim(calls.output_text)) as answer_key,         -- equal for equal answers
    coalesce(
        calls.status = 'success' and not calls.is_truncated and calls.operation = 'chat'
        and calls.input_text is not null and calls.output_text is not null and calls.served_by = 'teacher',
        false
    ) as is_trainable                                     -- a whole, successful answer of the teacher
from calls
inner join call_tasks on call_tasks.call_id = calls.call_id

-- One row per call of a node: everything that is counted, and keys instead of texts.
select
    call_nodes.node_id as node_id,                        -- how it was recognised
    calls.call_id as call_id,                             -- the call
    calls.requested_at as requested_at,                   -- UTC
    calls.model as model,                                 -- as the source wrote it
    calls.status as status,                               -- success or failure
    calls.is_retry as is_retry,                           -- a repeat after a failure
    calls.served_by as served_by,                         -- teacher, student or cache
    calls.latency_ms as latency_ms,                       -- until the whole answer
    calls.cost_usd as cost_usd,                           -- USD, null when unknown
    calls.logged_cost_usd as logged_cost_usd,             -- USD that the source says
    calls.weight as weight,                               -- calls that this row stands for
    calls.user_hash as user_hash,                         -- end user
    calls.token_check as token_check,                     -- parts add up to the logged total
    calls.in_cache_read as in_cache_read,                 -- input tokens read from the prompt cache
    calls.in_cache_write_5m + calls.in_cache_write_1h as cache_write_tokens, -- input tokens written to it
    calls.out_reasoning as reasoning_tokens,              -- output tokens of hidden reasoning
    calls.in_uncached + calls.in_cache_read + calls.in_cache_write_5m
        + calls.in_cache_write_1h as input_tokens,        -- all input tokens
    calls.out_visible + calls.out_reasoning as output_tokens, -- all output tokens
    coalesce(length(calls.system_prompt), 0) as system_characters, -- constant part of the prompt
    length(calls.input_text) as input_characters,         -- varying part of the prompt
    coalesce(calls.turns, 1) > 1 as is_multi_turn,        -- more than one message
    calls.tool_calls is not null as calls_tool,           -- answered with a tool
    calls.request_key as request_key,                     -- equal for equal requests
    calls.answer_key as answer_key,                       -- equal for equal answers
    coalesce(
        calls.status = 'success' and not calls.is_truncated and calls.operation = 'chat'
        and calls.input_text is not null and calls.output_text is not null and calls.served_by = 'teacher',
        false
    ) as is_trainable                                     -- a whole, successful answer of the teacher
from calls
inner join call_nodes on call_nodes.call_id = calls.call_id

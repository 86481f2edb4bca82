-- One row per call: the log's columns, with what later steps derive from text alone.
select
    raw_calls.call_id as call_id,                         -- identity
    raw_calls.source as source,                           -- importer that read it
    raw_calls.source_file as source_file,                 -- file it came from
    raw_calls.source_line as source_line,                 -- line in that file
    raw_calls.trace_id as trace_id,                       -- trace of the source
    raw_calls.session_id as session_id,                   -- session of the source
    raw_calls.requested_at as requested_at,               -- UTC
    raw_calls.latency_ms as latency_ms,                   -- until the whole answer
    raw_calls.ttft_ms as ttft_ms,                         -- until the first token
    raw_calls.provider as provider,                       -- as the source wrote it
    raw_calls.model as model,                             -- as the source wrote it
    raw_calls.operation as operation,                     -- chat, embedding, ...
    raw_calls.app as app,                                 -- explicit task key of the log
    raw_calls.tags as tags,                               -- all tags
    raw_calls.key_hash as key_hash,                       -- API key or team, hashed by the source
    raw_calls.user_hash as user_hash,                     -- end user, hashed by the source
    raw_calls.service_tier as service_tier,               -- null: standard
    raw_calls.is_batch as is_batch,                       -- batch API
    raw_calls.served_by as served_by,                     -- teacher, student or cache
    raw_calls.system_prompt as system_prompt,             -- as sent
    raw_calls.messages as messages,                       -- JSON without the system prompt; null: input_text alone
    raw_calls.input_text as input_text,                   -- last user message
    coalesce(raw_calls.first_user_text, raw_calls.input_text) as opening_text, -- first user message
    raw_calls.turns as turns,                             -- messages without the system prompt
    raw_calls.output_text as output_text,                 -- answer
    hash(lower(trim(coalesce(raw_calls.messages, raw_calls.input_text)))) as request_key, -- equal for equal requests; null without text
    hash(lower(trim(raw_calls.output_text))) as answer_key, -- equal for equal answers; null without text
    raw_calls.tool_calls as tool_calls,                   -- JSON, null when none
    raw_calls.tool_names as tool_names,                   -- tools offered
    raw_calls.response_schema as response_schema,         -- what the answer was bound to
    raw_calls.finish_reason as finish_reason,             -- stop, length, tool_calls, ...
    raw_calls.is_truncated as is_truncated,               -- the log cut the text
    raw_calls.system_prompt is not null or raw_calls.input_text is not null as has_text, -- did the log keep the prompt?
    raw_calls.in_uncached as in_uncached,                 -- input tokens at the full rate
    raw_calls.in_cache_read as in_cache_read,             -- input tokens read from the prompt cache
    raw_calls.in_cache_write_5m as in_cache_write_5m,     -- input tokens written to it for minutes
    raw_calls.in_cache_write_1h as in_cache_write_1h,     -- input tokens written to it for an hour
    raw_calls.out_visible as out_visible,                 -- output tokens of the answer
    raw_calls.out_reasoning as out_reasoning,             -- output tokens of hidden reasoning
    raw_calls.token_convention as token_convention,       -- how the source counts
    raw_calls.token_check as token_check,                 -- parts add up to the logged total
    raw_calls.logged_cost_usd as logged_cost_usd,         -- what the source says it cost
    raw_calls.status as status,                           -- success or failure
    raw_calls.error_class as error_class,                 -- kind of failure
    raw_calls.http_status as http_status,                 -- of the provider
    raw_calls.is_retry as is_retry,                       -- a repeat after a failure
    raw_calls.weight as weight                            -- calls that this row stands for
from raw_calls

-- One row per call, where a system prompt that says nothing of the task counts as none.
select
    stg_calls.call_id as call_id, -- identity
    stg_calls.source as source, -- importer that read it
    stg_calls.source_file as source_file, -- file it came from
    stg_calls.source_line as source_line, -- line in that file
    stg_calls.trace_id as trace_id, -- trace of the source
    stg_calls.session_id as session_id, -- session of the source
    stg_calls.requested_at as requested_at, -- UTC
    stg_calls.latency_ms as latency_ms, -- until the whole answer
    stg_calls.ttft_ms as ttft_ms, -- until the first token
    stg_calls.provider as provider, -- as the source wrote it
    stg_calls.model as model, -- as the source wrote it
    stg_calls.operation as operation, -- chat, embedding, ...
    stg_calls.app as app, -- explicit task key of the log
    stg_calls.tags as tags, -- all tags
    stg_calls.key_hash as key_hash, -- API key or team, hashed by the source
    stg_calls.user_hash as user_hash, -- end user, hashed by the source
    stg_calls.service_tier as service_tier, -- null: standard
    stg_calls.is_batch as is_batch, -- batch API
    stg_calls.served_by as served_by, -- teacher, student or cache
    case when generic_prompts.system_prompt is null then stg_calls.system_prompt end as system_prompt, -- null for one such as "You are a helpful assistant."
    stg_calls.messages as messages, -- JSON without the system prompt; null: input_text alone
    stg_calls.input_text as input_text, -- last user message
    stg_calls.opening_text as opening_text, -- first user message
    stg_calls.turns as turns, -- messages without the system prompt
    stg_calls.output_text as output_text, -- answer
    stg_calls.tool_calls as tool_calls, -- JSON, null when none
    stg_calls.tool_names as tool_names, -- tools offered
    stg_calls.response_schema as response_schema, -- what the answer was bound to
    stg_calls.finish_reason as finish_reason, -- stop, length, tool_calls, ...
    stg_calls.is_truncated as is_truncated, -- the log cut the text
    stg_calls.has_text as has_text, -- did the log keep the prompt?
    stg_calls.in_uncached as in_uncached, -- input tokens at the full rate
    stg_calls.in_cache_read as in_cache_read, -- input tokens read from the prompt cache
    stg_calls.in_cache_write_5m as in_cache_write_5m, -- input tokens written to it for minutes
    stg_calls.in_cache_write_1h as in_cache_write_1h, -- input tokens written to it for an hour
    stg_calls.out_visible as out_visible, -- output tokens of the answer
    stg_calls.out_reasoning as out_reasoning, -- output tokens of hidden reasoning
    stg_calls.token_convention as token_convention, -- how the source counts
    stg_calls.token_check as token_check, -- parts add up to the logged total
    stg_calls.logged_cost_usd as logged_cost_usd, -- what the source says it cost
    stg_calls.status as status, -- success or failure
    stg_calls.error_class as error_class, -- kind of failure
    stg_calls.http_status as http_status, -- of the provider
    stg_calls.is_retry as is_retry, -- a repeat after a failure
    stg_calls.weight as weight -- calls that this row stands for
from stg_calls
left join generic_prompts on generic_prompts.system_prompt = stg_calls.system_prompt

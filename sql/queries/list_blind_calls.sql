-- One row per call without a text that tells its task: what its record shows all the same.
select
    prompted_calls.call_id as call_id,                          -- the call
    prompted_calls.operation as operation,                      -- chat, embedding, ...
    coalesce(prompted_calls.key_hash, '') as key_hash,          -- who called
    coalesce(prompted_calls.model, '') as model,                -- model that answered
    prompted_calls.user_hash as user_hash,                      -- end user
    prompted_calls.in_uncached + prompted_calls.in_cache_read + prompted_calls.in_cache_write_5m
        + prompted_calls.in_cache_write_1h as input_tokens,     -- all input tokens
    prompted_calls.in_cache_read as cached_tokens,              -- of them read from the cache
    prompted_calls.out_visible as output_tokens,                -- tokens of the answer
    prompted_calls.requested_at as requested_at                 -- UTC
from prompted_calls
inner join prompt_nodes on prompt_nodes.prompt_key = prompt_key(
    prompted_calls.operation, prompted_calls.app, prompted_calls.system_prompt,
    prompted_calls.response_schema, prompted_calls.tool_names, prompted_calls.has_text
)
where prompt_nodes.reads = 'blind'

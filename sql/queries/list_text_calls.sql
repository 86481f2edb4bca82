-- One row per call whose user text decides about its task. The steps of a conversation share its opening text.
select
    prompted_calls.call_id as call_id,                          -- the call
    prompt_nodes.scope as scope,                                -- among which nodes its text decides
    coalesce(prompted_calls.key_hash, '') as key_hash,          -- who called
    coalesce(prompted_calls.model, '') as model,                -- model that answered
    prompted_calls.user_hash as user_hash,                      -- end user
    left(prompted_calls.opening_text, 1000) as opening_head,    -- first characters of the first user message
    right(prompted_calls.opening_text, 300) as opening_tail,    -- its last characters
    left(trim(prompted_calls.output_text), 120) as answer_head, -- first characters of the answer
    length(trim(prompted_calls.output_text)) as answer_length,  -- its characters
    prompted_calls.in_uncached + prompted_calls.in_cache_read + prompted_calls.in_cache_write_5m
        + prompted_calls.in_cache_write_1h as input_tokens,     -- all input tokens
    max(prompted_calls.turns) over conversation as turns,       -- messages of the longest conversation
    coalesce(bool_or(prompted_calls.tool_calls is not null) over conversation, false) as calls_tool -- any tool asked for?
from prompted_calls
inner join prompt_nodes on prompt_nodes.prompt_key = prompt_key(
    prompted_calls.operation, prompted_calls.app, prompted_calls.system_prompt,
    prompted_calls.response_schema, prompted_calls.tool_names, prompted_calls.has_text
)
where prompt_nodes.reads = 'text'
window conversation as (
    partition by prompt_nodes.scope, prompted_calls.key_hash, prompted_calls.model,
    md5_number_lower(prompted_calls.opening_text)
)

-- One row per prompt, key, model and opening text of a bounded sample: the texts with the smallest hashes, so a log
-- that grows keeps them, and two prompts that are asked the same texts show the same ones. Texts themselves are read
-- only of the calls that are chosen.
with asked as (
    select
        prompt_key(
            prompted_calls.operation, prompted_calls.app, prompted_calls.system_prompt,
            prompted_calls.response_schema, prompted_calls.tool_names, prompted_calls.has_text
        ) as prompt_key,
        coalesce(prompted_calls.key_hash, '') as key_hash,
        coalesce(prompted_calls.model, '') as model,
        hash(prompted_calls.opening_text) as text_key,
        bool_and(prompted_calls.system_prompt is null) as is_bare,
        arg_min(
            prompted_calls.call_id,
            (prompted_calls.status <> 'success', hash(prompted_calls.call_id), prompted_calls.call_id)
        ) as call_id,
        max(prompted_calls.turns) as turns,
        bool_or(prompted_calls.tool_calls is not null) as calls_tool,
        count(*) as calls,
        min(prompted_calls.requested_at) as first_at,
        max(prompted_calls.requested_at) as last_at
    from prompted_calls
    where prompted_calls.opening_text is not null and prompted_calls.operation = 'chat'
    group by all
),

ranked as (
    select
        asked.*,
        row_number() over (
            partition by asked.prompt_key, asked.key_hash, asked.model
            order by asked.text_key
        ) as place
    from asked
),

chosen as (
    select ranked.*
    from ranked
    where ranked.place <= case when ranked.is_bare then $bare_texts::bigint else $prompted_texts::bigint end
)

select
    chosen.prompt_key as prompt_key,                                    -- of list_prompts
    chosen.key_hash as key_hash,                                        -- who called
    chosen.model as model,                                              -- model that answered
    chosen.text_key as text_key,                                        -- the same for the same opening text
    left(prompted_calls.opening_text, 1000) as opening_head,            -- first characters of the first user message
    right(prompted_calls.opening_text, 300) as opening_tail,            -- its last characters
    left(trim(prompted_calls.output_text), 120) as answer_head,         -- first characters of one answer
    right(trim(prompted_calls.output_text), 60) as answer_tail,         -- its last characters
    length(trim(prompted_calls.output_text)) as answer_length,          -- its characters
    prompted_calls.user_hash as user_hash,                              -- end user of that call
    prompted_calls.in_uncached + prompted_calls.in_cache_read
        + prompted_calls.in_cache_write_5m + prompted_calls.in_cache_write_1h as input_tokens, -- of that call
    prompted_calls.in_cache_read as cached_tokens,                      -- of them read from the cache
    prompted_calls.out_visible as output_tokens,                        -- of that call
    chosen.turns as turns,                                              -- longest conversation that began so
    chosen.calls_tool as calls_tool,                                    -- was a tool asked for?
    chosen.calls as calls,                                              -- rows of the log
    chosen.first_at as first_at,                                        -- earliest call
    chosen.last_at as last_at                                           -- latest call
from prompted_calls
inner join chosen on chosen.call_id = prompted_calls.call_id
order by chosen.prompt_key, chosen.key_hash, chosen.model, chosen.text_key

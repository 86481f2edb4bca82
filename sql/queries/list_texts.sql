-- One row per prompt, key, model and opening text of a bounded sample: the texts with the smallest hashes, so a log
-- that grows keeps them, and two prompts that are asked the same texts show the same ones.
with asked as (
    select
        prompt_key(
            prompted_calls.operation, prompted_calls.app, prompted_calls.system_prompt,
            prompted_calls.response_schema, prompted_calls.tool_names, prompted_calls.has_text
        ) as prompt_key,
        coalesce(prompted_calls.key_hash, '') as key_hash,
        coalesce(prompted_calls.model, '') as model,
        md5_number_lower(prompted_calls.opening_text) as text_key,
        bool_and(prompted_calls.system_prompt is null) as is_bare,
        arg_min(
            struct_pack(
                opening_head := left(prompted_calls.opening_text, 1000),
                opening_tail := right(prompted_calls.opening_text, 300),
                answer_head := left(trim(prompted_calls.output_text), 120),
                answer_tail := right(trim(prompted_calls.output_text), 60),
                answer_length := length(trim(prompted_calls.output_text)),
                user_hash := prompted_calls.user_hash,
                input_tokens := prompted_calls.in_uncached + prompted_calls.in_cache_read
                    + prompted_calls.in_cache_write_5m + prompted_calls.in_cache_write_1h,
                cached_tokens := prompted_calls.in_cache_read,
                output_tokens := prompted_calls.out_visible
            ),
            (prompted_calls.status <> 'success', md5_number_lower(prompted_calls.call_id))
        ) as call,
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
)

select
    ranked.prompt_key as prompt_key,                 -- of list_prompts
    ranked.key_hash as key_hash,                     -- who called
    ranked.model as model,                           -- model that answered
    ranked.text_key as text_key,                     -- the same for the same opening text
    ranked.call.opening_head as opening_head,        -- first characters of the first user message
    ranked.call.opening_tail as opening_tail,        -- its last characters
    ranked.call.answer_head as answer_head,          -- first characters of one answer
    ranked.call.answer_tail as answer_tail,          -- its last characters
    ranked.call.answer_length as answer_length,      -- its characters
    ranked.call.user_hash as user_hash,              -- end user of that call
    ranked.call.input_tokens as input_tokens,        -- of that call
    ranked.call.cached_tokens as cached_tokens,      -- of them read from the cache
    ranked.call.output_tokens as output_tokens,      -- of that call
    ranked.turns as turns,                           -- longest conversation that began so
    ranked.calls_tool as calls_tool,                 -- was a tool asked for?
    ranked.calls as calls,                           -- rows of the log
    ranked.first_at as first_at,                     -- earliest call
    ranked.last_at as last_at                        -- latest call
from ranked
where ranked.place <= case when ranked.is_bare then $bare_texts::bigint else $prompted_texts::bigint end
order by ranked.prompt_key, ranked.key_hash, ranked.model, ranked.text_key

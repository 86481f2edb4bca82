-- One row per call, priced at the rate in force that day for its tier and length. An unknown price is null, never 0.
-- The few prices have an end each and are joined by it: an as-of join would sort every call of the log.
with matched as (
    select
        stg_calls.*,
        price_rows.* exclude (
            provider, model, tier_key, effective_from, effective_to, input_above_tokens, input_until_tokens, listed_as
        )
    from stg_calls
    left join price_rows
        on price_rows.provider = coalesce(stg_calls.provider, '')
        and price_rows.model = stg_calls.model
        and price_rows.tier_key = tier_key(stg_calls.is_batch, stg_calls.service_tier)
        and price_rows.effective_from <= stg_calls.requested_at
        and stg_calls.requested_at < price_rows.effective_to
        and input_tokens(stg_calls) > price_rows.input_above_tokens
        and input_tokens(stg_calls) <= price_rows.input_until_tokens
),

costed as (
    select
        matched.*,
        coalesce(matched.paid_multiplier, 1::decimal(9, 6)) as paid_share,
        -- A failed call without tokens was not billed as far as the log can tell; a bill for time-outs shows when the
        -- month is compared with the invoice.
        case
            when matched.status = 'failure' and matched.in_uncached is null then 0
            else call_cost(matched)
        end as api_list_cost_usd
    from matched
),

priced as (
    select
        costed.*,
        -- A gateway's cache asks nobody, and neither does a student: the model on its row is the one that it stood in for.
        case
            when costed.served_by in ('cache', 'student') then 0
            else costed.api_list_cost_usd
        end as list_cost_usd
    from costed
)

select
    priced.call_id as call_id,                         -- identity
    priced.source as source,                           -- importer that read it
    priced.source_file as source_file,                 -- file it came from
    priced.source_line as source_line,                 -- line in that file
    priced.trace_id as trace_id,                       -- trace of the source
    priced.session_id as session_id,                   -- session of the source
    priced.requested_at as requested_at,               -- UTC
    priced.latency_ms as latency_ms,                   -- until the whole answer
    priced.ttft_ms as ttft_ms,                         -- until the first token
    priced.provider as provider,                       -- as the source wrote it
    priced.model as model,                             -- as the source wrote it
    priced.operation as operation,                     -- chat, embedding, ...
    priced.app as app,                                 -- explicit task key of the log
    priced.tags as tags,                               -- all tags
    priced.key_hash as key_hash,                       -- API key or team, hashed by the source
    priced.user_hash as user_hash,                     -- end user, hashed by the source
    priced.service_tier as service_tier,               -- null: standard
    priced.is_batch as is_batch,                       -- batch API
    priced.served_by as served_by,                     -- teacher, student or cache
    priced.system_prompt as system_prompt,             -- as sent
    coalesce(
        priced.messages,
        case when priced.input_text is not null
            then to_json([{'role': 'user', 'content': priced.input_text}])::varchar end
    ) as messages,                                     -- JSON without the system prompt
    priced.input_text as input_text,                   -- last user message
    priced.opening_text as opening_text,               -- first user message
    priced.turns as turns,                             -- messages without the system prompt
    priced.output_text as output_text,                 -- answer
    priced.request_key as request_key,                 -- equal for equal requests
    priced.answer_key as answer_key,                   -- equal for equal answers
    priced.tool_calls as tool_calls,                   -- JSON, null when none
    priced.tool_names as tool_names,                   -- tools offered
    priced.response_schema as response_schema,         -- what the answer was bound to
    priced.finish_reason as finish_reason,             -- stop, length, tool_calls, ...
    priced.is_truncated as is_truncated,               -- the log cut the text: never trained on
    priced.has_text as has_text,                       -- did the log keep the prompt?
    priced.in_uncached as in_uncached,                 -- input tokens at the full rate
    priced.in_cache_read as in_cache_read,             -- input tokens read from the prompt cache
    priced.in_cache_write_5m as in_cache_write_5m,     -- input tokens written to it for minutes
    priced.in_cache_write_1h as in_cache_write_1h,     -- input tokens written to it for an hour
    priced.out_visible as out_visible,                 -- output tokens of the answer
    priced.out_reasoning as out_reasoning,             -- output tokens of hidden reasoning
    priced.token_convention as token_convention,       -- how the source counts
    priced.token_check as token_check,                 -- parts add up to the logged total
    priced.logged_cost_usd as logged_cost_usd,         -- what the source says it cost
    priced.list_cost_usd * priced.paid_share as cost_usd, -- USD at the price in force less discounts, exact; null: price unknown
    priced.list_cost_usd as list_cost_usd,             -- USD before discounts and calibration
    priced.api_list_cost_usd * priced.paid_share as api_cost_usd, -- USD that the API bills for such a call, whoever answered; null: price or tokens unknown
    case when priced.served_by = 'cache' then 'gateway cache'
        when priced.served_by = 'student' then 'student'
        else priced.price_source end as price_source,  -- list that the price came from
    priced.priced_from as price_effective_from,        -- day from which that price holds
    priced.price_tier as price_tier,                   -- service tier whose rates apply
    priced.price_basis as price_basis,                 -- user-set, listed, derived from rates beside it, or defaulted to standard
    priced.price_adjustment as price_adjustment,       -- discounts and calibration, who set them and why; null: list price
    priced.status as status,                           -- success or failure
    priced.error_class as error_class,                 -- kind of failure
    priced.http_status as http_status,                 -- of the provider
    priced.is_retry as is_retry,                       -- a repeat after a failure
    priced.weight as weight                            -- calls that this row stands for
from priced

-- The yardstick: the sums of an analysis as a person would write them in one go for one log, each task being a prompt.
with facts as materialized (
    select
        coalesce(calls.app, calls.system_prompt, calls.operation) as task,
        calls.requested_at::date as requested_date,
        calls.model,
        calls.weight,
        calls.status,
        calls.is_retry,
        calls.served_by,
        calls.latency_ms,
        calls.user_hash,
        calls.in_cache_read,
        calls.in_uncached + calls.in_cache_read + calls.in_cache_write_5m + calls.in_cache_write_1h as input_tokens,
        calls.out_visible + calls.out_reasoning as output_tokens,
        length(calls.system_prompt) as system_characters,
        length(calls.input_text) as input_characters,
        hash(lower(trim(coalesce(calls.messages, calls.input_text)))) as request_key,
        hash(lower(trim(calls.output_text))) as answer_key,
        calls.turns > 1 as is_multi_turn,
        calls.tool_calls is not null as calls_tool,
        calls.status = 'success' and not calls.is_truncated and calls.input_text is not null
            and calls.output_text is not null as is_trainable,
        (calls.in_uncached * price_rows.in_usd + calls.in_cache_read * price_rows.in_cache_read_usd
            + calls.in_cache_write_5m * price_rows.in_cache_write_5m_usd
            + calls.out_visible * price_rows.out_usd + calls.out_reasoning * price_rows.out_usd) as cost_usd
    from calls
    asof left join price_rows
        on price_rows.provider = calls.provider
        and price_rows.model = calls.model
        and price_rows.effective_from <= calls.requested_at
),

days as (
    select
        facts.task, facts.requested_date, facts.model, count(*) as rows, sum(facts.weight) as calls,
        sum(facts.cost_usd * facts.weight) as cost_usd, count(*) filter (where facts.cost_usd is null) as unpriced_rows,
        count(*) filter (where facts.status = 'failure') as failures, count(*) filter (where facts.is_retry) as retries,
        count(*) filter (where facts.served_by = 'cache') as cached, sum(facts.input_tokens) as input_tokens,
        sum(facts.in_cache_read) as cache_read_tokens, sum(facts.output_tokens) as output_tokens,
        count(facts.user_hash) as rows_with_user, count(*) filter (where facts.is_trainable) as trainable_rows,
        sum(facts.system_characters) as system_characters, sum(facts.input_characters) as input_characters,
        count(*) filter (where facts.calls_tool) as tool_calls, count(*) filter (where facts.is_multi_turn) as multi_turn
    from facts
    group by all
),

lengths as (
    select
        facts.task, quantile_cont(facts.latency_ms, [0.5, 0.95]) as latency_ms,
        quantile_cont(facts.input_tokens, [0.5, 0.95]) as input_tokens,
        quantile_cont(facts.output_tokens, [0.5, 0.95]) as output_tokens,
        count(distinct facts.request_key) as distinct_inputs, count(distinct facts.answer_key) as distinct_outputs
    from facts
    where facts.is_trainable
    group by all
),

repeats as (
    select answers.task, sum(answers.times) as pairs, sum(answers.times * answers.times) as agreeing, max(answers.last_date) as last_date
    from (
        select facts.task, facts.request_key, facts.answer_key, count(*) as times, max(facts.requested_date) as last_date
        from facts
        where facts.is_trainable
        group by all
    ) as answers
    group by all
)

select days.*, lengths.* exclude (task), repeats.* exclude (task)
from days
left join lengths on lengths.task = days.task
left join repeats on repeats.task = days.task

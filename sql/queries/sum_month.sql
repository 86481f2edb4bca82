-- One row per day, provider and model of a stretch of time: what was costed, and what an invoice may hold besides.
select
    calls.requested_at::date as requested_date,                                              -- UTC day
    coalesce(calls.provider, '') as provider,                                                -- as the source wrote it
    coalesce(calls.model, '') as model,                                                      -- as the source wrote it
    count(*) as rows,                                                                        -- rows of the log
    sum(calls.weight)::double as calls,                                                      -- calls they stand for
    coalesce(sum(calls.cost_usd * calls.weight::decimal(18, 6)), 0) as cost_usd,             -- USD of the priced calls, less discounts
    coalesce(sum(calls.list_cost_usd * calls.weight::decimal(18, 6)), 0) as list_cost_usd,   -- USD before discounts
    sum(calls.weight * (calls.weight - 1) * calls.cost_usd::double ** 2) as sampling_variance, -- USD squared, of a random sample
    coalesce(sum(calls.weight) filter (where calls.cost_usd is null), 0)::double as unpriced_calls, -- price unknown
    coalesce(sum(input_tokens(calls) * calls.weight) filter (where calls.cost_usd is null), 0)::double as unpriced_input_tokens, -- of them
    coalesce(sum((coalesce(calls.out_visible, 0) + coalesce(calls.out_reasoning, 0)) * calls.weight)
        filter (where calls.cost_usd is null), 0)::double as unpriced_output_tokens,         -- of them
    coalesce(sum(calls.weight) filter (where calls.status = 'success'), 0)::double as successes, -- calls that succeeded
    coalesce(sum(calls.weight) filter (where calls.status = 'failure' and calls.in_uncached is null), 0)::double as unbilled_failures, -- failed without token counts: costed at 0
    coalesce(sum(calls.weight) filter (where calls.out_reasoning > 0), 0)::double as calls_with_reasoning, -- hidden reasoning was logged
    coalesce(sum(calls.weight) filter (where calls.price_basis = 'defaulted'), 0)::double as defaulted_calls, -- tier without a listed price
    coalesce(sum(calls.weight) filter (where calls.token_check = false), 0)::double as odd_token_calls, -- parts do not add up to the logged total
    bool_or(calls.weight <> 1) as is_sampled                                                 -- rows that stand for several calls
from calls
where calls.requested_at >= $start and calls.requested_at < $end
group by all
order by all

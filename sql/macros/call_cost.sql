-- Exact cost of one call [USD]: disjoint token counts times the rates in force, times the batch or flex multiplier.
-- priced_call: a row with the token columns of calls and the rates of price_rows. Above the long-context threshold
-- the whole call costs the long rate. Null when the price or a token count that costs money is unknown.
create or replace macro call_cost(priced_call) as (
    priced_call.in_uncached * if(priced_call.is_long, priced_call.long_in_usd, priced_call.in_usd)
    + coalesce(priced_call.in_cache_read, 0)
        * if(priced_call.is_long, priced_call.long_in_cache_read_usd, priced_call.in_cache_read_usd)
    + coalesce(priced_call.in_cache_write_5m, 0)
        * if(priced_call.is_long, priced_call.long_in_cache_write_5m_usd, priced_call.in_cache_write_5m_usd)
    + coalesce(priced_call.in_cache_write_1h, 0)
        * if(priced_call.is_long, priced_call.long_in_cache_write_1h_usd, priced_call.in_cache_write_1h_usd)
    + coalesce(priced_call.out_visible, if(priced_call.out_usd = 0, 0, null))
        * if(priced_call.is_long, priced_call.long_out_usd, priced_call.out_usd)
    + coalesce(priced_call.out_reasoning, 0)
        * if(priced_call.is_long, priced_call.long_out_reasoning_usd, priced_call.out_reasoning_usd)
) * coalesce(
    case
        when priced_call.is_batch or priced_call.service_tier = 'batch' then priced_call.batch_multiplier
        when priced_call.service_tier = 'flex' then priced_call.flex_multiplier
    end,
    1::decimal(9, 6)
);

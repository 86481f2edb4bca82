-- Exact list price of one call [USD]: disjoint token counts times the rates in force for its tier and length.
-- priced_call: a row with the token columns of calls and the rates of price_rows. Null when the price or a token
-- count that costs money is unknown. What is paid is this times paid_multiplier.
create or replace macro call_cost(priced_call) as (
    priced_call.in_uncached * priced_call.in_usd
    + coalesce(priced_call.in_cache_read, 0) * priced_call.in_cache_read_usd
    + coalesce(priced_call.in_cache_write_5m, 0) * priced_call.in_cache_write_5m_usd
    + coalesce(priced_call.in_cache_write_1h, 0) * priced_call.in_cache_write_1h_usd
    + coalesce(priced_call.out_visible, if(priced_call.out_usd = 0, 0, null)) * priced_call.out_usd
    + coalesce(priced_call.out_reasoning, 0) * priced_call.out_reasoning_usd
);

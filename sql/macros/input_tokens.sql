-- All input tokens of one call, unknown parts as none: what the thresholds of long-context prices are held against.
create or replace macro input_tokens(one_call) as (
    coalesce(one_call.in_uncached, 0) + coalesce(one_call.in_cache_read, 0)
        + coalesce(one_call.in_cache_write_5m, 0) + coalesce(one_call.in_cache_write_1h, 0)
);

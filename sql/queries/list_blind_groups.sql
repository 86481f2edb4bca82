-- One row per operation, key, model and size of calls whose task no text tells: embeddings, and chats without text.
select
    prompted_calls.operation as operation,                                          -- chat, embedding, ...
    coalesce(prompted_calls.key_hash, '') as key_hash,                              -- who called
    coalesce(prompted_calls.model, '') as model,                                    -- model that answered
    floor(log2(1 + coalesce(
        prompted_calls.in_uncached + prompted_calls.in_cache_read
        + prompted_calls.in_cache_write_5m + prompted_calls.in_cache_write_1h, 0
    )))::bigint as input_size,                                                      -- doublings of tokens
    floor(log2(1 + coalesce(prompted_calls.out_visible, 0)))::bigint as output_size, -- doublings of tokens
    count(*) as calls,                                                              -- rows of the log
    min(prompted_calls.requested_at) as first_at,                                   -- earliest call
    max(prompted_calls.requested_at) as last_at                                     -- latest call
from prompted_calls
where prompted_calls.app is null
    and (prompted_calls.operation <> 'chat' or not prompted_calls.has_text)
    and (prompted_calls.operation = 'chat' or prompted_calls.system_prompt is null)
group by all
order by all

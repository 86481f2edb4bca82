-- One row per first user text without a system prompt, explicit key, and kind of traffic that carries it.
select
    prompted_calls.opening_text as opening_text,                                             -- first user message
    prompted_calls.app as app,                                                               -- explicit task key, null when none
    coalesce(prompted_calls.key_hash, '') as key_hash,                                       -- who called
    coalesce(prompted_calls.model, '') as model,                                             -- model that answered
    least(coalesce(prompted_calls.turns, 0), 6) as turns,                                    -- messages, six and more as one
    floor(log2(1 + coalesce(length(prompted_calls.output_text), 0)))::bigint as output_size, -- doublings of characters
    count(*) as calls,                                                                  -- rows of the log
    min(prompted_calls.requested_at) as first_at                                             -- earliest call
from prompted_calls
where prompted_calls.system_prompt is null
    and prompted_calls.operation = 'chat'
    and prompted_calls.opening_text is not null
group by all
order by first_at, opening_text, app, key_hash, model, turns, output_size

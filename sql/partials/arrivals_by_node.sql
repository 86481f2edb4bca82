-- One row per node and minute of one shard, in one hour of eight: what came in that minute.
select
    call_facts.node_id as node_id,                                                  -- how the calls were recognised
    date_trunc('minute', call_facts.requested_at) as minute_at,                     -- start of the minute, UTC
    count(*) as rows,                                                               -- rows of the log
    sum(call_facts.weight) as calls,                                                -- calls they stand for
    sum((coalesce(call_facts.input_tokens, 0) + coalesce(call_facts.output_tokens, 0)) * call_facts.weight) as tokens, -- in and out
    min(call_facts.requested_at) as first_at,                                       -- first call
    max(call_facts.requested_at) as last_at                                         -- last call
from call_facts
where is_sampled_hour(call_facts.requested_at)
group by all

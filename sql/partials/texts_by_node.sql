-- One row per node and sampled distinct request of one shard, with its first answer: the 3,000 with the smallest keys.
with first_calls as (
    select
        call_facts.node_id,
        call_facts.request_key,
        arg_min(call_facts.call_id, (call_facts.requested_at, call_facts.call_id)) as call_id,
        row_number() over (partition by call_facts.node_id order by call_facts.request_key) as place
    from call_facts
    where call_facts.is_trainable
    group by call_facts.node_id, call_facts.request_key
    qualify place <= 3000
)

select
    first_calls.node_id as node_id,                     -- how the calls were recognised
    first_calls.request_key as request_key,             -- equal for equal requests
    first_calls.call_id as call_id,                     -- the earliest call with that request
    stg_calls.requested_at as requested_at,                 -- UTC
    right(stg_calls.input_text, 2000) as input_text,        -- last user message, its end
    left(stg_calls.output_text, 2000) as output_text        -- answer, its start
from stg_calls
inner join first_calls on first_calls.call_id = stg_calls.call_id

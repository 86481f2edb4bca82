-- One row per node and sampled distinct request of several shards, with its earliest answer: the 3,000 smallest keys.
with first_calls as (
    select
        texts_by_node_parts.node_id,
        texts_by_node_parts.request_key,
        arg_min(texts_by_node_parts.call_id, (texts_by_node_parts.requested_at, texts_by_node_parts.call_id)) as call_id,
        row_number() over (
            partition by texts_by_node_parts.node_id order by texts_by_node_parts.request_key
        ) as place
    from texts_by_node_parts
    group by texts_by_node_parts.node_id, texts_by_node_parts.request_key
    qualify place <= 3000
)

select
    texts_by_node_parts.node_id as node_id,             -- how the calls were recognised
    texts_by_node_parts.request_key as request_key,     -- equal for equal requests
    texts_by_node_parts.call_id as call_id,             -- the earliest call with that request
    texts_by_node_parts.requested_at as requested_at,   -- UTC
    texts_by_node_parts.input_text as input_text,       -- last user message, its end
    texts_by_node_parts.output_text as output_text      -- answer, its start
from texts_by_node_parts
inner join first_calls
    on first_calls.node_id = texts_by_node_parts.node_id
    and first_calls.request_key = texts_by_node_parts.request_key
    and first_calls.call_id = texts_by_node_parts.call_id

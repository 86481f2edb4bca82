-- One row per call that the analysis gave no node, or several.
select
    raw_calls.call_id as call_id,                -- the call
    count(call_nodes.node_id)::bigint as nodes   -- nodes that claim it; one is right
from raw_calls
left join call_nodes on call_nodes.call_id = raw_calls.call_id
group by all
having nodes <> 1
limit 5

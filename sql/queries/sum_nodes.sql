-- One row per node: how many calls were recognised by it, when, and which models answered.
select
    found_nodes.node_id as node_id,                                              -- the node
    count(*) as calls,                                                           -- rows of the log
    min(stg_calls.requested_at) as first_at,                                     -- earliest call
    max(stg_calls.requested_at) as last_at,                                      -- latest call
    list_sort(list(distinct coalesce(stg_calls.model, ''))) as models            -- models that answered
from found_nodes
inner join stg_calls on stg_calls.call_id = found_nodes.call_id
group by all

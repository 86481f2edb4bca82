-- One row per node: how many calls were recognised by it, when, and which models answered.
select
    calls_by_node_and_day.node_id as node_id,                                        -- the node
    sum(calls_by_node_and_day.rows)::bigint as calls,                                -- rows of the log
    min(calls_by_node_and_day.first_at) as first_at,                                 -- earliest call
    max(calls_by_node_and_day.last_at) as last_at,                                   -- latest call
    list_sort(list(distinct coalesce(calls_by_node_and_day.model, ''))) as models    -- models that answered
from calls_by_node_and_day
group by all

-- One row per node and minute of several shards: what came in that minute.
select
    arrivals_by_node_parts.node_id as node_id,          -- how the calls were recognised
    arrivals_by_node_parts.minute_at as minute_at,      -- start of the minute, UTC
    sum(arrivals_by_node_parts.rows)::bigint as rows,   -- rows of the log
    sum(arrivals_by_node_parts.calls) as calls,         -- calls they stand for
    sum(arrivals_by_node_parts.tokens) as tokens,       -- in and out
    min(arrivals_by_node_parts.first_at) as first_at,   -- first call
    max(arrivals_by_node_parts.last_at) as last_at      -- last call
from arrivals_by_node_parts
group by all

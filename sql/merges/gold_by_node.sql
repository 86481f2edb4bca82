-- One row per node of several shards: how often the teacher's answer is the gold one.
select
    gold_by_node_parts.node_id as node_id,                      -- how the calls were recognised
    sum(gold_by_node_parts.rows)::bigint as rows,               -- answers with gold
    sum(gold_by_node_parts.right_rows)::bigint as right_rows    -- of them equal to it
from gold_by_node_parts
group by all

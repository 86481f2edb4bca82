-- One row per node, measure and logarithmic bucket of several shards: their histograms added up.
select
    lengths_by_node_parts.node_id as node_id,               -- how the calls were recognised
    lengths_by_node_parts.measure as measure,               -- latency_ms, input_tokens or output_tokens
    lengths_by_node_parts.bucket as bucket,                 -- power of 1.04, null for zero
    sum(lengths_by_node_parts.rows)::bigint as rows,        -- trainable rows in it
    min(lengths_by_node_parts.least) as least,              -- smallest value in it
    max(lengths_by_node_parts.most) as most                 -- largest value in it
from lengths_by_node_parts
group by all

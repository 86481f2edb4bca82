-- One row per task and measure: median and 95th percentile from the histogram, right to 2 %.
with buckets as (
    select
        node_tasks.task_id,
        lengths_by_node.measure,
        lengths_by_node.bucket,
        sum(lengths_by_node.rows) as rows,
        min(lengths_by_node.least) as least,
        max(lengths_by_node.most) as most
    from lengths_by_node
    inner join node_tasks on node_tasks.node_id = lengths_by_node.node_id
    group by all
),

ranked as (
    select
        buckets.task_id,
        buckets.measure,
        sum(buckets.rows) over (
            partition by buckets.task_id, buckets.measure order by buckets.bucket nulls first
        ) / sum(buckets.rows) over (partition by buckets.task_id, buckets.measure) as share_up_to,
        sqrt(buckets.least * buckets.most) as middle -- of the values that occurred; exact where they are equal
    from buckets
)

select
    ranked.task_id as task_id,                                              -- task
    ranked.measure as measure,                                              -- latency_ms, input_tokens or output_tokens
    min(ranked.middle) filter (where ranked.share_up_to >= 0.5) as p50,     -- median
    min(ranked.middle) filter (where ranked.share_up_to >= 0.95) as p95     -- 95th percentile
from ranked
group by all
order by all

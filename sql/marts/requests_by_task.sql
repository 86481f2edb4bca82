-- One row per task, kept request, its answer and stretch of time. Each stands for ``stands_for`` like it: 1 while all
-- requests of the task are kept, else the inverse of the chance that one is.
with sampled as (
    select
        node_tasks.task_id,
        requests_by_node.* exclude (node_id, is_frequent, kept_below),
        bool_or(requests_by_node.is_frequent) over (
            partition by node_tasks.task_id, requests_by_node.request_key
        ) as is_frequent,
        min(requests_by_node.kept_below) over (partition by node_tasks.task_id) as kept_below
    from requests_by_node
    inner join node_tasks on node_tasks.node_id = requests_by_node.node_id
)

select
    sampled.task_id as task_id,                                         -- task
    sampled.request_key as request_key,                                 -- equal for equal requests
    sampled.answer_key as answer_key,                                   -- equal for equal answers
    sampled.period_at as period_at,                                     -- start of the day (hour ... in short logs)
    case when sampled.is_frequent then 1.0
        else 18446744073709551615.0 / sampled.kept_below end as stands_for, -- requests like it in the log
    sum(sampled.times)::bigint as times,                                -- calls
    sum(sampled.priced_times)::bigint as priced_times,                  -- of them, with a known price
    sum(sampled.cost_usd) as cost_usd,                                  -- USD of the priced calls
    arg_min(sampled.first_cost_usd, sampled.first_at) as first_cost_usd, -- USD of the earliest priced one
    min(sampled.first_at) as first_at,                                  -- earliest priced call
    max(sampled.last_at) as last_at                                     -- latest priced call
from sampled
where sampled.is_frequent or sampled.request_key < sampled.kept_below or sampled.kept_below = 18446744073709551615
group by all

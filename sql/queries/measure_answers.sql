-- One row per task: how many different answers it gave, counted up to 4,096 a node and estimated beyond (1.6 %).
with kept as (
    select
        node_tasks.task_id,
        answers_by_node.answer_key,
        min(answers_by_node.kept_below) over (partition by node_tasks.task_id) as kept_below
    from answers_by_node
    inner join node_tasks on node_tasks.node_id = answers_by_node.node_id
)

select
    kept.task_id as task_id,                                                            -- task
    round(count(distinct kept.answer_key) filter (
        where kept.answer_key < kept.kept_below or kept.kept_below = 18446744073709551615
    ) * (18446744073709551615.0 / min(kept.kept_below)))::bigint as distinct_outputs    -- different answers
from kept
group by all
order by task_id

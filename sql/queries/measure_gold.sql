-- One row per task with gold answers: how often the teacher's answer is the gold one.
select
    node_tasks.task_id as task_id,                              -- task
    sum(gold_by_node.rows)::bigint as rows,                     -- answers with gold
    sum(gold_by_node.right_rows)::bigint as right_rows          -- of them equal to it
from gold_by_node
inner join node_tasks on node_tasks.node_id = gold_by_node.node_id
group by all
order by task_id

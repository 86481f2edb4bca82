-- One row per call: the task it belongs to.
select
    call_nodes.call_id as call_id,      -- the call
    node_tasks.task_id as task_id       -- its task
from call_nodes
inner join node_tasks on node_tasks.node_id = call_nodes.node_id

-- One row per sampled distinct request, with its first answer: the same ones every time, oldest first.
with first_calls as (
    select
        node_tasks.task_id,
        texts_by_node.request_key,
        arg_min(texts_by_node.call_id, (texts_by_node.requested_at, texts_by_node.call_id)) as call_id,
        row_number() over (partition by node_tasks.task_id order by texts_by_node.request_key) as place
    from texts_by_node
    inner join node_tasks on node_tasks.node_id = texts_by_node.node_id
    group by node_tasks.task_id, texts_by_node.request_key
    qualify place <= $requests
)

select
    first_calls.task_id as task_id,             -- task
    first_calls.request_key as request_key,     -- equal for equal requests
    texts_by_node.requested_at as requested_at, -- UTC
    texts_by_node.input_text as input_text,     -- last user message, its end
    texts_by_node.output_text as output_text    -- answer, its start
from texts_by_node
inner join first_calls on first_calls.call_id = texts_by_node.call_id
order by task_id, texts_by_node.requested_at, texts_by_node.call_id

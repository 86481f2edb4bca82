-- One row per sampled distinct request, with its first answer: the same ones every time, oldest first.
with first_calls as (
    select
        call_facts.task_id,
        call_facts.request_key,
        arg_min(call_facts.call_id, (call_facts.requested_at, call_facts.call_id)) as call_id
    from call_facts
    where call_facts.is_trainable
    group by all
),

sampled as (
    select
        first_calls.call_id,
        row_number() over (partition by first_calls.task_id order by hash(first_calls.request_key)) as place
    from first_calls
    qualify place <= $requests
)

select
    task_calls.task_id as task_id,                        -- task
    right(task_calls.input_text, $characters) as input_text, -- last user message, its end
    left(task_calls.output_text, $characters) as output_text, -- answer, its start
    task_calls.requested_at as requested_at                -- UTC, of the first call that asked it
from task_calls
inner join sampled on sampled.call_id = task_calls.call_id
order by task_id, task_calls.requested_at, task_calls.call_id

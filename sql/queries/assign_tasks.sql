-- One row per call: the task it belongs to.
select
    stg_calls.call_id as call_id,                              -- the call
    coalesce(bare_tasks.task_id, prompt_tasks.task_id) as task_id -- its task
from stg_calls
inner join prompt_tasks
    on prompt_tasks.operation is not distinct from stg_calls.operation
    and prompt_tasks.app is not distinct from stg_calls.app
    and prompt_tasks.system_prompt is not distinct from stg_calls.system_prompt
    and prompt_tasks.response_schema is not distinct from stg_calls.response_schema
    and prompt_tasks.tool_names is not distinct from stg_calls.tool_names
    and prompt_tasks.has_text = stg_calls.has_text
left join bare_tasks
    on bare_tasks.opening_text = stg_calls.opening_text
    and stg_calls.system_prompt is null
    and stg_calls.app is null
    and stg_calls.operation = 'chat'

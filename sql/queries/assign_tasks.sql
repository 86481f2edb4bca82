-- One row per call: the task it belongs to. A call whose text the log did not keep goes where nearly all calls
-- of the same key, model and size go; where they differ it stays with the calls without text.
with texted as (
    select
        prompted_calls.call_id,
        prompted_calls.has_text or prompted_calls.app is not null or prompted_calls.operation <> 'chat' as is_known,
        coalesce(bare_tasks.task_id, prompt_tasks.task_id) as task_id,
        prompted_calls.key_hash,
        prompted_calls.model,
        round(2 * log2(1 + prompted_calls.in_uncached + prompted_calls.in_cache_read))::bigint as input_size,
        round(log2(1 + prompted_calls.out_visible))::bigint as output_size
    from prompted_calls
    inner join prompt_tasks
        on prompt_tasks.operation is not distinct from prompted_calls.operation
        and prompt_tasks.app is not distinct from prompted_calls.app
        and prompt_tasks.system_prompt is not distinct from prompted_calls.system_prompt
        and prompt_tasks.response_schema is not distinct from prompted_calls.response_schema
        and prompt_tasks.tool_names is not distinct from prompted_calls.tool_names
        and prompt_tasks.has_text = prompted_calls.has_text
    left join bare_tasks
        on bare_tasks.opening_text = prompted_calls.opening_text
        and prompted_calls.system_prompt is null
        and prompted_calls.app is null
        and prompted_calls.operation = 'chat'
),

cells as (
    select
        texted.key_hash,
        texted.model,
        texted.input_size,
        texted.output_size,
        texted.task_id,
        count(*) as calls
    from texted
    where texted.is_known
    group by all
),

homes as (
    select
        cells.key_hash,
        cells.model,
        cells.input_size,
        cells.output_size,
        arg_max(cells.task_id, (cells.calls, cells.task_id)) as task_id
    from cells
    group by all
    having max(cells.calls) >= 0.9 * sum(cells.calls) and sum(cells.calls) >= 5
)

select
    texted.call_id as call_id,                                                      -- the call
    case when texted.is_known then texted.task_id
        else coalesce(homes.task_id, texted.task_id) end as task_id                 -- its task
from texted
left join homes
    on homes.key_hash is not distinct from texted.key_hash
    and homes.model is not distinct from texted.model
    and homes.input_size = texted.input_size
    and homes.output_size = texted.output_size
    and not texted.is_known

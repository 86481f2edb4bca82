-- One row per task: spread of lengths and latency, repeats, and what can be trained on.
select
    task_calls.task_id as task_id,                                                                   -- task
    count(*) filter (where task_calls.is_trainable) as trainable_rows,                               -- rows
    count(distinct task_calls.request_key) filter (where task_calls.is_trainable) as distinct_inputs, -- different requests
    count(distinct task_calls.answer_key) filter (where task_calls.is_trainable) as distinct_outputs, -- different answers
    quantile_cont(task_calls.latency_ms, [0.5, 0.95]) filter (where task_calls.is_trainable) as latency_ms, -- p50, p95
    quantile_cont(task_calls.input_tokens, [0.5, 0.95]) filter (where task_calls.is_trainable) as input_tokens, -- p50, p95
    quantile_cont(task_calls.output_tokens, [0.5, 0.95]) filter (where task_calls.is_trainable) as output_tokens, -- p50, p95
    avg(task_calls.input_tokens) filter (where task_calls.is_trainable) as mean_input_tokens,        -- mean
    avg(task_calls.output_tokens) filter (where task_calls.is_trainable) as mean_output_tokens,      -- mean
    avg(coalesce(length(task_calls.system_prompt), 0)) filter (where task_calls.is_trainable) as system_characters, -- mean
    avg(length(task_calls.input_text)) filter (where task_calls.is_trainable) as input_characters,   -- mean
    avg((task_calls.tool_calls is not null)::int) filter (where task_calls.status = 'success') as tool_call_share, -- calls answered with a tool
    avg((coalesce(task_calls.turns, 1) > 1)::int) filter (where task_calls.status = 'success') as multi_turn_share, -- more than one message
    count(task_calls.user_hash) as rows_with_user                                                    -- rows that name a user
from task_calls
group by all
order by task_id

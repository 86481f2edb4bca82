-- One row per task: spread of lengths and latency, repeats, and what can be trained on.
select
    call_facts.task_id as task_id,                                                                   -- task
    count(*) filter (where call_facts.is_trainable) as trainable_rows,                               -- rows
    count(distinct call_facts.request_key) filter (where call_facts.is_trainable) as distinct_inputs, -- different requests
    count(distinct call_facts.answer_key) filter (where call_facts.is_trainable) as distinct_outputs, -- different answers
    quantile_cont(call_facts.latency_ms, [0.5, 0.95]) filter (where call_facts.is_trainable) as latency_ms, -- p50, p95
    quantile_cont(call_facts.input_tokens, [0.5, 0.95]) filter (where call_facts.is_trainable) as input_tokens, -- p50, p95
    quantile_cont(call_facts.output_tokens, [0.5, 0.95]) filter (where call_facts.is_trainable) as output_tokens, -- p50, p95
    round(avg(call_facts.input_tokens) filter (where call_facts.is_trainable), 9) as mean_input_tokens,        -- mean
    round(avg(call_facts.output_tokens) filter (where call_facts.is_trainable), 9) as mean_output_tokens,      -- mean
    round(avg(call_facts.system_characters) filter (where call_facts.is_trainable), 9) as system_characters, -- mean
    round(avg(call_facts.input_characters) filter (where call_facts.is_trainable), 9) as input_characters,   -- mean
    round(avg(call_facts.calls_tool::int) filter (where call_facts.status = 'success'), 9) as tool_call_share, -- calls answered with a tool
    round(avg(call_facts.is_multi_turn::int) filter (where call_facts.status = 'success'), 9) as multi_turn_share, -- more than one message
    count(call_facts.user_hash) as rows_with_user                                                    -- rows that name a user
from call_facts
group by all
order by task_id

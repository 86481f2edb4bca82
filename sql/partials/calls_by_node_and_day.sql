-- One row per node, UTC day and model of one shard: sums that can be added up over days, shards and machines.
select
    call_facts.node_id as node_id,                                                          -- how the calls were recognised
    call_facts.requested_at::date as requested_date,                                        -- UTC day
    call_facts.model as model,                                                              -- as the source wrote it
    count(*) as rows,                                                                       -- rows of the log
    sum(call_facts.weight) as calls,                                                        -- calls they stand for
    sum(call_facts.cost_usd) as logged_rows_cost_usd,                                       -- USD of the rows, exact
    sum(call_facts.cost_usd::double * call_facts.weight) as cost_usd,                       -- USD of the calls
    count(*) filter (where call_facts.cost_usd is null) as unpriced_rows,                   -- rows whose price is unknown
    sum(call_facts.weight) filter (where call_facts.cost_usd is null) as unpriced_calls,    -- calls whose price is unknown
    sum(call_facts.logged_cost_usd * call_facts.weight) as logged_cost_usd,                 -- USD that the source says
    count(*) filter (where call_facts.token_check = false) as odd_token_rows,               -- parts do not add up to the logged total
    sum(call_facts.weight) filter (where call_facts.status = 'failure') as failed_calls,    -- failures
    sum(call_facts.weight) filter (where call_facts.is_retry) as retried_calls,             -- repeats after a failure
    sum(call_facts.weight) filter (where call_facts.served_by = 'cache') as cached_calls,   -- gateway cache hits
    sum(call_facts.input_tokens * call_facts.weight) filter (where call_facts.served_by is distinct from 'student') as input_tokens, -- all input tokens; a student's are billed by nobody
    sum(call_facts.in_cache_read * call_facts.weight) filter (where call_facts.served_by is distinct from 'student') as cache_read_tokens, -- of them read from the cache
    sum(call_facts.cache_write_tokens * call_facts.weight) filter (where call_facts.served_by is distinct from 'student') as cache_write_tokens, -- of them written to it
    sum(call_facts.reasoning_tokens * call_facts.weight) filter (where call_facts.served_by is distinct from 'student') as reasoning_tokens, -- hidden reasoning, part of the output
    sum(call_facts.output_tokens * call_facts.weight) filter (where call_facts.served_by is distinct from 'student') as output_tokens, -- all output tokens
    count(call_facts.user_hash) as rows_with_user,                                          -- rows that name a user
    count(*) filter (where call_facts.status = 'success') as successes,                     -- rows that succeeded
    count(*) filter (where call_facts.status = 'success' and call_facts.calls_tool) as tool_successes, -- of them, answered with a tool
    count(*) filter (where call_facts.status = 'success' and call_facts.is_multi_turn) as multi_turn_successes, -- of them, more than one message
    count(*) filter (where call_facts.is_trainable) as trainable_rows,                      -- whole, successful answers of the teacher
    count(call_facts.input_tokens) filter (where call_facts.is_trainable) as trainable_rows_with_input, -- of them, input tokens known
    sum(call_facts.input_tokens) filter (where call_facts.is_trainable)::bigint as trainable_input_tokens, -- their input tokens
    count(call_facts.output_tokens) filter (where call_facts.is_trainable) as trainable_rows_with_output, -- of them, output tokens known
    sum(call_facts.output_tokens) filter (where call_facts.is_trainable)::bigint as trainable_output_tokens, -- their output tokens
    sum(call_facts.system_characters) filter (where call_facts.is_trainable)::bigint as system_characters, -- constant part of their prompts
    sum(call_facts.input_characters) filter (where call_facts.is_trainable)::bigint as input_characters, -- varying part of their prompts
    min(call_facts.requested_at) as first_at,                                               -- earliest call
    max(call_facts.requested_at) as last_at                                                 -- latest call
from call_facts
group by all

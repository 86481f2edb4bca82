-- One row per node, UTC day and model of several shards: their sums.
select
    calls_by_node_and_day_parts.node_id as node_id, -- how the calls were recognised
    calls_by_node_and_day_parts.requested_date as requested_date, -- UTC day
    calls_by_node_and_day_parts.model as model, -- as the source wrote it
    sum(calls_by_node_and_day_parts.rows)::bigint as rows, -- rows of the log
    sum(calls_by_node_and_day_parts.calls) as calls, -- calls they stand for
    sum(calls_by_node_and_day_parts.logged_rows_cost_usd) as logged_rows_cost_usd, -- USD of the rows, exact
    sum(calls_by_node_and_day_parts.cost_usd) as cost_usd, -- USD of the calls
    sum(calls_by_node_and_day_parts.unpriced_rows)::bigint as unpriced_rows, -- rows whose price is unknown
    sum(calls_by_node_and_day_parts.unpriced_calls) as unpriced_calls, -- calls whose price is unknown
    sum(calls_by_node_and_day_parts.logged_cost_usd) as logged_cost_usd, -- USD that the source says
    sum(calls_by_node_and_day_parts.odd_token_rows)::bigint as odd_token_rows, -- parts do not add up to the logged total
    sum(calls_by_node_and_day_parts.failed_calls) as failed_calls, -- failures
    sum(calls_by_node_and_day_parts.retried_calls) as retried_calls, -- repeats after a failure
    sum(calls_by_node_and_day_parts.cached_calls) as cached_calls, -- gateway cache hits
    sum(calls_by_node_and_day_parts.input_tokens) as input_tokens, -- all input tokens
    sum(calls_by_node_and_day_parts.cache_read_tokens) as cache_read_tokens, -- of them read from the cache
    sum(calls_by_node_and_day_parts.cache_write_tokens) as cache_write_tokens, -- of them written to it
    sum(calls_by_node_and_day_parts.reasoning_tokens) as reasoning_tokens, -- hidden reasoning, part of the output
    sum(calls_by_node_and_day_parts.output_tokens) as output_tokens, -- all output tokens
    sum(calls_by_node_and_day_parts.rows_with_user)::bigint as rows_with_user, -- rows that name a user
    sum(calls_by_node_and_day_parts.successes)::bigint as successes, -- rows that succeeded
    sum(calls_by_node_and_day_parts.tool_successes)::bigint as tool_successes, -- of them, answered with a tool
    sum(calls_by_node_and_day_parts.multi_turn_successes)::bigint as multi_turn_successes, -- of them, more than one message
    sum(calls_by_node_and_day_parts.trainable_rows)::bigint as trainable_rows, -- whole, successful answers of the teacher
    sum(calls_by_node_and_day_parts.trainable_rows_with_input)::bigint as trainable_rows_with_input, -- of them, input tokens known
    sum(calls_by_node_and_day_parts.trainable_input_tokens)::bigint as trainable_input_tokens, -- their input tokens
    sum(calls_by_node_and_day_parts.trainable_rows_with_output)::bigint as trainable_rows_with_output, -- of them, output tokens known
    sum(calls_by_node_and_day_parts.trainable_output_tokens)::bigint as trainable_output_tokens, -- their output tokens
    sum(calls_by_node_and_day_parts.system_characters)::bigint as system_characters, -- constant part of their prompts
    sum(calls_by_node_and_day_parts.input_characters)::bigint as input_characters, -- varying part of their prompts
    min(calls_by_node_and_day_parts.first_at) as first_at, -- earliest call
    max(calls_by_node_and_day_parts.last_at) as last_at -- latest call
from calls_by_node_and_day_parts
group by all

-- One row per call: the node that it was recognised by. A call without text goes with the others of its session,
-- where these agree.
with told as (
    select
        prompted_calls.call_id,
        prompted_calls.session_id,
        coalesce(prompted_calls.key_hash, '') as key_hash,
        coalesce(prompted_calls.model, '') as model,
        coalesce(text_nodes.node_id, prompt_nodes.node_id) as told_node,
        blind_nodes.node_id as blind_node
    from prompted_calls
    inner join prompt_nodes on prompt_nodes.prompt_key = prompt_key(
        prompted_calls.operation, prompted_calls.app, prompted_calls.system_prompt,
        prompted_calls.response_schema, prompted_calls.tool_names, prompted_calls.has_text
    )
    left join text_nodes on text_nodes.call_id = prompted_calls.call_id
    left join blind_nodes on blind_nodes.call_id = prompted_calls.call_id
),

steps as (
    select
        told.session_id,
        told.key_hash,
        told.told_node,
        count(*) as calls
    from told
    where told.told_node is not null and told.session_id is not null
    group by all
),

sessions as (
    select
        steps.session_id,
        steps.key_hash,
        arg_max(steps.told_node, (steps.calls, steps.told_node)) as node_id
    from steps
    group by all
    having max(steps.calls) >= 0.9 * sum(steps.calls)
)

select
    told.call_id as call_id,                                                   -- the call
    coalesce(told.told_node, sessions.node_id, told.blind_node) as node_id,    -- its node
    told.key_hash as key_hash,                                                 -- who called
    told.model as model                                                        -- model that answered
from told
left join sessions
    on sessions.session_id = told.session_id and sessions.key_hash = told.key_hash and told.told_node is null

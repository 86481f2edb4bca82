-- One row per call: the node that it was recognised by.
select
    prompted_calls.call_id as call_id,                                                       -- the call
    coalesce(text_nodes.node_id, blind_nodes.node_id, prompt_nodes.node_id) as node_id,      -- its node
    coalesce(prompted_calls.key_hash, '') as key_hash,                                       -- who called
    coalesce(prompted_calls.model, '') as model                                              -- model that answered
from prompted_calls
inner join prompt_nodes on prompt_nodes.prompt_key = prompt_key(
    prompted_calls.operation, prompted_calls.app, prompted_calls.system_prompt,
    prompted_calls.response_schema, prompted_calls.tool_names, prompted_calls.has_text
)
left join text_nodes on text_nodes.call_id = prompted_calls.call_id
left join blind_nodes on blind_nodes.call_id = prompted_calls.call_id

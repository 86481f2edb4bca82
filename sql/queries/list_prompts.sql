-- One row per combination of what identifies a call's task without reading its input.
select
    prompt_key(
        prompted_calls.operation, prompted_calls.app, prompted_calls.system_prompt,
        prompted_calls.response_schema, prompted_calls.tool_names, prompted_calls.has_text
    ) as prompt_key,                                   -- one number for the combination
    prompted_calls.operation as operation,             -- chat, embedding, ...
    prompted_calls.app as app,                         -- explicit task key of the log, null when it has none
    prompted_calls.system_prompt as system_prompt,     -- as sent
    prompted_calls.response_schema as response_schema, -- what the answer was bound to
    prompted_calls.tool_names as tool_names,           -- tools offered
    prompted_calls.has_text as has_text,               -- did the log keep the prompt?
    count(*) as calls,                            -- rows of the log
    mode(prompted_calls.key_hash) as key_hash,         -- who called most
    min(prompted_calls.requested_at) as first_at,      -- earliest call
    max(prompted_calls.requested_at) as last_at        -- latest call
from prompted_calls
group by all
order by first_at, calls desc, system_prompt

-- One row per combination of what identifies a call's task without reading its input.
select
    stg_calls.operation as operation,             -- chat, embedding, ...
    stg_calls.app as app,                         -- explicit task key of the log, null when it has none
    stg_calls.system_prompt as system_prompt,     -- as sent
    stg_calls.response_schema as response_schema, -- what the answer was bound to
    stg_calls.tool_names as tool_names,           -- tools offered
    stg_calls.has_text as has_text,               -- did the log keep the prompt?
    count(*) as calls,                            -- rows of the log
    min(stg_calls.requested_at) as first_at       -- earliest call
from stg_calls
group by all
order by first_at, calls desc, system_prompt

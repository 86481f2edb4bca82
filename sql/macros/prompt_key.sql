-- One number for what identifies a call's task without reading its input; the same on every machine with one DuckDB.
create or replace macro prompt_key(operation, app, system_prompt, response_schema, tool_names, has_text) as (
    hash(operation, app, system_prompt, response_schema, tool_names, has_text)
);

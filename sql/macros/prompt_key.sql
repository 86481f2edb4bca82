-- One number for what identifies a call's task without reading its input; the same on every machine and in every run.
create or replace macro prompt_key(operation, app, system_prompt, response_schema, tool_names, has_text) as (
    md5_number_lower(
        concat_ws(
            chr(31),
            coalesce(operation, chr(30)),
            coalesce(app, chr(30)),
            coalesce(system_prompt, chr(30)),
            coalesce(response_schema, chr(30)),
            coalesce(tool_names, chr(30)),
            has_text
        )
    )
)

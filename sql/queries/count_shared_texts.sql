-- One row per group of bare texts and system prompt: how many distinct texts both were asked.
with prompted as (
    select distinct
        prompted_calls.system_prompt,
        prompted_calls.opening_text
    from prompted_calls
    where prompted_calls.system_prompt is not null
        and prompted_calls.app is null
        and prompted_calls.operation = 'chat'
)
select
    bare_groups.node as node,                 -- group of bare texts
    prompted.system_prompt as system_prompt,  -- the other side
    count(*) as shared_texts                  -- distinct texts asked on both sides
from bare_groups
inner join prompted on prompted.opening_text = bare_groups.opening_text
group by all
order by all

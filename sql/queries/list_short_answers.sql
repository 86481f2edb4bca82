-- One row per system prompt and short answer: how often it was given.
select
    prompted_calls.system_prompt as system_prompt,         -- as sent
    lower(trim(prompted_calls.output_text)) as answer,     -- form folded
    count(*) as calls                                      -- rows of the log
from prompted_calls
where prompted_calls.system_prompt is not null
    and prompted_calls.app is null
    and prompted_calls.status = 'success'
    and length(prompted_calls.output_text) <= 60
group by all
order by all

-- One row per distinct system prompt.
select distinct stg_calls.system_prompt as system_prompt -- as sent
from stg_calls
where stg_calls.system_prompt is not null
order by system_prompt

-- One row per provider and model in the log.
select distinct
    coalesce(raw_calls.provider, '') as provider, -- as the source wrote it; empty when unknown
    raw_calls.model as model                      -- as the source wrote it
from raw_calls
where raw_calls.model is not null
order by all

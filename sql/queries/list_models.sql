-- One row per provider, model and service tier in the log.
select distinct
    coalesce(raw_calls.provider, '') as provider,                              -- as the source wrote it; empty when unknown
    raw_calls.model as model,                                                  -- as the source wrote it
    tier_key(raw_calls.is_batch, raw_calls.service_tier) as tier_key           -- as the source wrote it; standard when none
from raw_calls
where raw_calls.model is not null
order by all

-- One row per source and UTC day: what the log covers.
select
    raw_calls.source as source,                                    -- importer that read it
    raw_calls.requested_at::date as requested_date,                -- UTC day
    count(*) as rows,                                              -- rows of the log
    round(sum(raw_calls.weight), 6) as calls,                      -- calls they stand for
    count(*) filter (where raw_calls.weight <> 1) as sampled_rows  -- rows that stand for another number of calls than one
from raw_calls
group by all
order by all

-- One row: everything stored, in sum.
select
    count(*)::bigint as rows,                                                  -- rows of the log
    round(sum(calls.weight), 6) as calls,                                                -- calls they stand for
    round(sum(calls.cost_usd::double * calls.weight), 6) as cost_usd,                    -- USD of the calls, known prices alone
    round(sum(calls.logged_cost_usd * calls.weight), 6) as logged_cost_usd,              -- USD that the sources say
    count(*) filter (where calls.cost_usd is null)::bigint as unpriced_rows,   -- price unknown
    count(*) filter (where calls.token_check = false)::bigint as odd_token_rows, -- parts do not add up to the logged total
    min(calls.requested_at) as first_at,                                       -- earliest call
    max(calls.requested_at) as last_at                                         -- latest call
from calls

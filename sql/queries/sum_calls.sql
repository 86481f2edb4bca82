-- One row: everything analysed, in sum.
select
    coalesce(sum(calls_by_node_and_day.rows), 0)::bigint as rows,                   -- rows of the log
    round(sum(calls_by_node_and_day.calls), 6) as calls,                            -- calls they stand for
    round(sum(calls_by_node_and_day.cost_usd), 6) as cost_usd,                      -- USD of the calls, known prices alone
    round(sum(calls_by_node_and_day.logged_cost_usd), 6) as logged_cost_usd,        -- USD that the sources say
    coalesce(sum(calls_by_node_and_day.unpriced_rows), 0)::bigint as unpriced_rows, -- price unknown
    coalesce(sum(calls_by_node_and_day.odd_token_rows), 0)::bigint as odd_token_rows, -- parts do not add up to the logged total
    min(calls_by_node_and_day.first_at) as first_at,                                -- earliest call
    max(calls_by_node_and_day.last_at) as last_at                                   -- latest call
from calls_by_node_and_day

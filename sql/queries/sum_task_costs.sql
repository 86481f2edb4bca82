-- One row per task over a stretch of time: what its calls cost at the prices that price_rows shows.
select
    coalesce(call_tasks.task_id, '') as task_id,                                            -- task; empty: of none
    sum(calls.weight) as calls,                                                             -- calls that the rows stand for
    sum(calls.cost_usd * calls.weight::decimal(18, 6)) as cost_usd,                         -- USD of the priced calls
    coalesce(sum(calls.weight) filter (where calls.cost_usd is null), 0) as unpriced_calls  -- price unknown
from calls
left join call_tasks on call_tasks.call_id = calls.call_id
where calls.requested_at >= $start and calls.requested_at < $end
group by all
order by all

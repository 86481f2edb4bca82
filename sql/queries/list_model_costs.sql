-- One row per model of the analysis, dearest first: what is priced, and what has no price.
select
    calls_by_task_and_day.model as model,                                  -- as the source wrote it
    sum(calls_by_task_and_day.calls) as calls,                             -- calls
    round(sum(calls_by_task_and_day.cost_usd), 6) as cost_usd,             -- USD of the priced calls; null: none is priced
    coalesce(sum(calls_by_task_and_day.unpriced_calls), 0) as unpriced_calls, -- calls whose price is unknown
    round(sum(calls_by_task_and_day.logged_cost_usd), 6) as logged_cost_usd, -- USD that the sources say
    min(calls_by_task_and_day.requested_date) as first_date,               -- first UTC day
    max(calls_by_task_and_day.requested_date) as last_date                 -- last UTC day
from calls_by_task_and_day
group by all
order by cost_usd desc nulls first, model

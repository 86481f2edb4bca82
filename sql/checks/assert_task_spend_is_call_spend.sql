-- One row if the tasks' spend is not the calls' spend, to a millionth.
with sums as (
    select
        (select coalesce(sum(tasks_by_period.cost_usd), 0) from tasks_by_period) as tasks_usd,
        (select coalesce(sum(calls.cost_usd::double * calls.weight), 0) from calls) as calls_usd
)

select
    sums.tasks_usd as tasks_usd, -- USD over all tasks
    sums.calls_usd as calls_usd  -- USD over all calls
from sums
where abs(sums.tasks_usd - sums.calls_usd) > 1e-6 * greatest(1, abs(sums.calls_usd))

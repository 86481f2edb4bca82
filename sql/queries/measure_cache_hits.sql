-- One row per task: spend on requests that were answered within the day before, which an exact cache would have kept.
-- Within one stretch of time every call but the first is such a repeat, so no single call need be looked at.
with stretches as (
    select
        requests_by_task.task_id,
        requests_by_task.request_key,
        requests_by_task.period_at,
        requests_by_task.stands_for,
        sum(requests_by_task.cost_usd) as cost_usd,
        arg_min(requests_by_task.first_cost_usd, requests_by_task.first_at) as first_cost_usd,
        min(requests_by_task.first_at) as first_at,
        max(requests_by_task.last_at) as last_at
    from requests_by_task
    where requests_by_task.priced_times > 0
    group by all
),

repeats as (
    select
        stretches.task_id,
        stretches.stands_for,
        stretches.cost_usd,
        stretches.cost_usd - case
            when stretches.first_at - lag(stretches.last_at) over (
                partition by stretches.task_id, stretches.request_key order by stretches.period_at
            ) <= interval 1 day then 0
            else stretches.first_cost_usd
        end as repeat_cost_usd
    from stretches
)

select
    repeats.task_id as task_id,                                                     -- task
    round(sum(repeats.stands_for * repeats.cost_usd), 6) as cost_usd,               -- USD of answered calls
    round(sum(repeats.stands_for * repeats.repeat_cost_usd), 6) as repeat_cost_usd  -- of them repeats
from repeats
group by all
order by task_id

-- One row per task: spend on requests that were answered within the day before, which an exact cache would have kept.
with answered as (
    select
        call_facts.task_id,
        call_facts.cost_usd::double * call_facts.weight as cost_usd,
        call_facts.requested_at - lag(call_facts.requested_at) over (
            partition by call_facts.task_id, call_facts.request_key
            order by call_facts.requested_at
        ) as since_last
    from call_facts
    where call_facts.is_trainable and call_facts.cost_usd is not null
)

select
    answered.task_id as task_id,                                                                       -- task
    round(sum(answered.cost_usd), 6) as cost_usd,                                                                -- USD of answered calls
    round(coalesce(sum(answered.cost_usd) filter (where answered.since_last <= interval 1 day), 0), 6) as repeat_cost_usd -- of them repeats
from answered
group by all
order by task_id

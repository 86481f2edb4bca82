-- One row per task and kind of failure, the commonest first: what providers refused, and how often.
select
    call_tasks.task_id as task_id,                                                 -- task
    stg_calls.error_class as error_class,                                          -- as the source names it; null where it says nothing
    stg_calls.http_status as http_status,                                          -- null where it says nothing
    sum(stg_calls.weight) as calls,                                                -- calls that failed so
    coalesce(stg_calls.http_status = 429, false) or coalesce(
        regexp_matches(stg_calls.error_class, '(?i)rate.?limit|quota|throttl|too.?many'), false
    ) as is_rate_limit                                                             -- refused for sending too much
from stg_calls
inner join call_tasks on call_tasks.call_id = stg_calls.call_id
where stg_calls.status = 'failure'
group by all
order by call_tasks.task_id, calls desc, stg_calls.error_class, stg_calls.http_status

-- One row per task: how often the newest fifth repeats earlier requests, and the teacher itself. Counts are estimates
-- where the task has more distinct requests than are kept; see requests_by_task.
with periods as (
    select
        requests_by_task.task_id,
        requests_by_task.period_at,
        sum(requests_by_task.times * requests_by_task.stands_for) as rows
    from requests_by_task
    group by all
),

starts as (
    select
        periods.task_id,
        periods.period_at,
        sum(periods.rows) over (partition by periods.task_id order by periods.period_at desc)
            <= 0.2 * sum(periods.rows) over (partition by periods.task_id) as is_new,
        row_number() over (partition by periods.task_id order by periods.period_at desc) = 1
            and count(*) over (partition by periods.task_id) > 1 as is_last
    from periods
),

answers as (
    select
        requests_by_task.task_id,
        requests_by_task.request_key,
        requests_by_task.answer_key,
        requests_by_task.stands_for,
        sum(requests_by_task.times) as times,
        coalesce(sum(requests_by_task.times) filter (where not (starts.is_new or starts.is_last)), 0) as earlier_times
    from requests_by_task
    inner join starts
        on starts.task_id = requests_by_task.task_id
        and starts.period_at = requests_by_task.period_at
    group by all
),

usual as (
    select
        answers.*,
        sum(answers.times) over asked as request_times,
        sum(answers.earlier_times) over asked as earlier_request_times,
        first_value(answers.answer_key) over (
            asked order by answers.earlier_times desc, answers.answer_key desc
        ) = answers.answer_key as is_usual
    from answers
    window asked as (partition by answers.task_id, answers.request_key)
)

select
    usual.task_id as task_id,                                                                   -- task
    round(sum(usual.stands_for * (usual.times - usual.earlier_times)))::bigint as new_rows,     -- rows of the newest fifth
    round(coalesce(sum(usual.stands_for * (usual.times - usual.earlier_times))
        filter (where usual.earlier_request_times > 0), 0))::bigint as repeated_rows,           -- of them, asked before
    round(coalesce(sum(usual.stands_for * (usual.times - usual.earlier_times))
        filter (where usual.earlier_request_times > 0 and usual.is_usual), 0))::bigint as agreeing_rows, -- of those, answered as before
    coalesce(sum(usual.stands_for) filter (where usual.request_times = 1), 0)
        / sum(usual.stands_for * usual.times) as novelty,                                       -- Good-Turing n1 / n of requests
    sum(usual.stands_for * usual.times * (usual.times - 1))
        / nullif(sum(usual.stands_for * usual.times * (usual.request_times - 1)), 0) as self_consistency, -- chance that two answers to one request agree
    round(sum(usual.stands_for * usual.times * (usual.request_times - 1)))::bigint as repeated_pairs, -- pairs behind it
    sum(usual.stands_for * usual.times / usual.request_times) as distinct_inputs,               -- different requests
    max(usual.stands_for) as requests_a_kept_one                                                -- 1: all are kept
from usual
group by all
order by task_id

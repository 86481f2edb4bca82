-- One row per task with gold answers: how often the teacher's answer is the gold one.
select
    task_calls.task_id as task_id,                                                         -- task
    count(*)::bigint as rows,                                                              -- answers with gold
    count(*) filter (where lower(trim(task_calls.output_text)) = lower(trim(gold.gold)))::bigint as right_rows -- of them equal to it
from task_calls
inner join gold on gold.call_id = task_calls.call_id
where task_calls.status = 'success' and gold.gold is not null
group by all
order by task_id

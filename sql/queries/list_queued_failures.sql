-- One row per failure of a student at work, newest first, with the task's name.
select
    failures.failure_id as failure_id,             -- identity
    failures.task_id as task_id,                   -- task
    coalesce(tasks.name, failures.task_id) as task, -- its name, where an analysis found it
    failures.student_id as student_id,             -- whose failure
    failures.call_id as call_id,                   -- the call
    failures.reason as reason,                     -- unsure, unfamiliar, audit, schema, complaint, student-failed
    failures.cluster as cluster,                   -- of like inputs
    failures.happened_at as happened_at,           -- UTC
    failures.input_text as input_text,             -- what was asked
    failures.student_output as student_output,     -- null: it gave none
    failures.teacher_output as teacher_output,     -- null: not asked yet
    failures.detail as detail                      -- of a complaint: what the user said
from failures
left join tasks on tasks.task_id = failures.task_id
where ($task::varchar is null or failures.task_id = $task::varchar or tasks.name = $task::varchar)
    and ($reason::varchar is null or failures.reason = $reason::varchar)
    and (not $unlabelled::boolean or failures.failure_id not in (
        select labelled_failures.failure_id from labelled_failures
    ))
qualify row_number() over (partition by failures.failure_id) = 1
order by failures.happened_at desc, failures.failure_id
limit $rows

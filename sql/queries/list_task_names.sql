-- One row per task: its name.
select
    tasks.task_id as task_id, -- task
    tasks.name as name        -- as a person reads it
from tasks
order by all

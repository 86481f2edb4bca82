-- One row per task: the mart, as it is.
select tasks_by_period.* -- see marts/tasks_by_period.sql
from tasks_by_period
order by task_id

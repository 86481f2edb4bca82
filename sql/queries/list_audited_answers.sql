-- One row per answer of a student that the teacher was asked about as well, with what the teacher said.
select
    audits.call_id as call_id,                          -- the call
    audits.agrees as agrees,                            -- true: the teacher said what the student had said
    audits.propensity as propensity,                    -- chance that this answer was audited
    any_value(failures.teacher_output) as teacher_output -- the teacher's answer where it differs
from audits
left join failures on failures.call_id = audits.call_id and failures.reason = 'audit'
where audits.task_id = $task_id and audits.agrees is not null
group by all

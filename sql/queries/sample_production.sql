-- One row per routed call of one student between two moments, at most $rows of them, chosen by the hash of the call.
select
    decisions.call_id as call_id,                                                       -- the call
    length(calls.input_text) as input_characters,                                       -- of the last user message
    decisions.cluster as cluster,                                                       -- of like inputs
    decisions.ood_score as ood_score,                                                   -- distance to what was taught
    case when decisions.route = 'student' then left(calls.output_text, 200) end as output_text, -- what the student said, where it served
    decisions.confidence as confidence                                                  -- of the student
from decisions
left join calls on calls.call_id = decisions.call_id
where decisions.source = 'router'
    and decisions.student_id = $student_id
    and decisions.decided_at >= $start::timestamptz
    and decisions.decided_at < $stop::timestamptz
order by md5(decisions.call_id), decisions.call_id
limit $rows

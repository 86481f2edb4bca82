-- One row per student and UTC day of routed traffic: who answered, and what the API billed or would have billed.
select
    decisions.student_id as student_id,                                                     -- whose policy decided
    decisions.decided_at::date as day,                                                      -- UTC day
    any_value(decisions.task_id) as task_id,                                                -- task
    count(*) as calls,                                                                      -- routed calls
    count(*) filter (where decisions.route = 'student') as served,                          -- answered by the student
    count(*) filter (where decisions.route <> 'student') as escalated,                      -- handed to the teacher
    coalesce(sum(calls.api_cost_usd * calls.weight::decimal(18, 6)) filter (where decisions.route = 'student'), 0) as served_estimate_usd, -- USD that the API would have billed, from estimated tokens
    coalesce(sum(calls.cost_usd * calls.weight::decimal(18, 6)) filter (where decisions.route <> 'student'), 0) as handed_back_usd, -- USD billed for those handed back
    count(*) filter (where decisions.route = 'student' and calls.api_cost_usd is null)
        + count(*) filter (where decisions.route <> 'student' and calls.cost_usd is null) as unpriced, -- calls whose price or tokens are unknown
    quantile_cont(decisions.student_ms, 0.5) as student_ms_p50,                             -- until the student's answer
    coalesce(sum(1 - decisions.confidence) filter (where decisions.route = 'student'), 0) as doubt_sum, -- of the served answers
    coalesce(sum((1 - decisions.confidence) ** 2) filter (where decisions.route = 'student'), 0) as doubt_squares, -- likewise
    (bit_xor(md5_number_lower(decisions.call_id)))::varchar as fingerprint                  -- of the set of calls, whatever their order
from decisions
left join calls on calls.call_id = decisions.call_id
where decisions.source = 'router' and decisions.student_id is not null
group by decisions.student_id, decisions.decided_at::date
order by student_id, day

-- One row per audit of a served answer, oldest first, with the doubt of the student and both bills of the call.
with least as (
    select
        decisions.student_id,
        decisions.policy_id,
        min(decisions.propensity) as propensity
    from decisions
    where decisions.source = 'router' and decisions.route = 'student' and decisions.propensity > 0
    group by all
)

select
    audits.audit_id as audit_id,                     -- identity
    audits.call_id as call_id,                       -- the call
    audits.student_id as student_id,                 -- whose answer
    decisions.policy_id as policy_id,                -- under which it was given; null: not known
    audits.audited_at as audited_at,                 -- UTC
    audits.audited_at::date as day,                  -- UTC day
    audits.agrees as agrees,                         -- with the teacher; null: no answer
    audits.propensity as propensity,                 -- chance that it was audited
    least(coalesce(least.propensity, audits.propensity), audits.propensity) as least_propensity, -- of the same policy
    audits.cluster as cluster,                       -- of like inputs
    audits.cost_usd::decimal(38, 12) as cost_usd,    -- USD that the teacher billed
    calls.api_cost_usd as estimated_usd,             -- USD from the tokens on the student's row
    decisions.confidence as confidence               -- of the student
from audits
left join decisions on decisions.call_id = audits.call_id and decisions.source = 'router'
left join least on least.student_id = audits.student_id and least.policy_id is not distinct from decisions.policy_id
left join calls on calls.call_id = audits.call_id
where audits.propensity > 0 and audits.student_id is not null
order by audits.audited_at, audits.audit_id

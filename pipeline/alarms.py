"""What is done when a student is over its bound: what its policy says, with the figures as the reason.

An alarm tightens, falls back or rolls back. Drift is no verdict: it asks for more audits. Every act is a row of
``deployments`` and one of the audit log.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from analytics.actors import SYSTEM, Actor, require
from analytics.production.evidence import Audit, error_rate, worth_of
from analytics.production.rows import StoredAudit
from analytics.statistics import clopper_pearson_upper, quantile
from analytics.workspace import Workspace
from pipeline.ledger_student import Student, read_students
from pipeline.production import state_of, status_of
from pipeline.router import deployments
from pipeline.router.deployments import Deployment
from pipeline.router.policy import Policy

LEAST_AUDITS = 30  # above a stricter threshold, before it is trusted to be one
DOUBT = 0.25  # chance that a stricter threshold does not keep the promise after all
STEPS = (0.2, 0.35, 0.5, 0.65, 0.8, 0.9)  # quantiles of the confidences served that are tried
AUDITS_TIMES, MOST_AUDITED = 5.0, 0.25  # drift multiplies the share of audits, up to this share


def check_alarms(workspace: Workspace, actor: Actor) -> list[dict[str, Any]]:
    """Look at every student that serves, act where it is over its bound, and say what was done; needs an operator."""
    require(actor, "operator", "to act on alarms")
    return [_checked(workspace, one, actor) for one in read_students(workspace) if state_of(one) == "serving"]


def _checked(workspace: Workspace, student: Student, actor: Actor) -> dict[str, Any]:
    status, reason = status_of(student)
    done = None
    if status == "alarm":
        done = _act(workspace, student, f"{reason}; checked by {actor.name}")
    elif any(test.triggered for test in student.drift):
        done = _ask_for_more(workspace, student, f"{reason}; checked by {actor.name}")
    said = {"student_id": student.student_id, "task_id": student.task_id, "status": status, "reason": reason}
    action = {"action": done.action if done else None, "deployment_id": done.deployment_id if done else None}
    return said | action | {"policy_id": done.policy_id if done else None}


def _act(workspace: Workspace, student: Student, reason: str) -> Deployment:
    """As the policy says. Where no stricter threshold looks good enough, tightening means falling back."""
    assert student.policy is not None and student.task_id is not None
    if student.policy.on_alarm == "roll-back":
        return deployments.roll_back(workspace, student.task_id, SYSTEM, reason)
    now = student.quality.now
    since = [one for one in student.audits if now is None or one.day >= now.changed_on]
    stricter = stricter_threshold(since, student.policy) if student.policy.on_alarm == "tighten" else None
    if stricter is None:
        return deployments.fall_back(workspace, student.task_id, SYSTEM, reason)
    how = deployments.tighten(stricter)
    return deployments.change(workspace, student.task_id, how, "tighten", SYSTEM, f"{reason}; threshold {stricter:.4f}")


def stricter_threshold(audits: Sequence[StoredAudit], policy: Policy) -> float | None:
    """The least strict of some thresholds above the present one that likely keeps the promise; None where none does.

    audits: since errors rose. Likely: by the upper bound of the error rate, broken with chance 1/4 (Clopper and
    Pearson, at the number of audits that the weighted ones are worth). No proof: audits under the new rule are evidence
    of their own.
    """
    known = [(one.confidence, one.evidence) for one in audits if one.confidence is not None and one.evidence]
    served = [confidence for confidence, _ in known if confidence >= (policy.threshold or 0.0)]
    for share in STEPS:
        tried = quantile(served, share)
        if tried is None or tried <= (policy.threshold or 0.0):
            continue
        above: list[Audit] = [evidence for confidence, evidence in known if confidence >= tried]
        rate, worth = error_rate(above), worth_of(above)
        if rate is None or worth < LEAST_AUDITS:
            continue
        if clopper_pearson_upper(round(rate * worth), round(worth), DOUBT) <= policy.alpha:
            return tried
    return None


def _ask_for_more(workspace: Workspace, student: Student, reason: str) -> Deployment | None:
    """More audits, once for a rule: the newest act would otherwise be repeated at every look."""
    if student.events[0].action == "raise-audits" or student.policy is None or student.task_id is None:
        return None

    def more(policy: Policy) -> Policy:
        shares = (min(MOST_AUDITED, AUDITS_TIMES * one) for one in (policy.audit_share, policy.rare_audit_share))
        common, rare = (max(*pair) for pair in zip((policy.audit_share, policy.rare_audit_share), shares, strict=True))
        return replace(policy, audit_share=common, rare_audit_share=rare)

    return deployments.change(workspace, student.task_id, more, "raise-audits", SYSTEM, reason)

"""Which student serves which task: rows that are only ever added, so that every state can be gone back to."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from analytics.actors import Actor, Role, log_action, require
from analytics.errors import DataMissing, InputError
from analytics.record import Record, deployments, utc_now
from analytics.workspace import Workspace
from pipeline import registry
from pipeline.router import policy as policies
from pipeline.router.policy import Policy
from pipeline.routing import read_calibration


@dataclass(frozen=True)
class Deployment:
    """What serves a task since when, and why."""

    deployment_id: int
    task_id: str
    student_id: str | None  # None: everything goes to the teacher
    policy_id: str | None
    action: str
    actor: str
    reason: str
    created_at: str


def policy_of(workspace: Workspace, student_id: str) -> Policy:
    """The rule that a student's own calibration gives. Raises DataMissing where it was made from pairs alone."""
    row = registry.find_student(workspace, student_id)
    if row.task_id is None:
        raise DataMissing(f"{student_id} was made from pairs, so no task's traffic is known to be its own")
    folder: Path = row.folder(workspace)
    found = read_calibration(folder)
    return Policy(student_id, row.task_id, found.threshold, found.ood_cutoff, found.alpha, found.delta)


def promote(workspace: Workspace, policy: Policy, actor: Actor, reason: str) -> Deployment:
    """Put a student to work under a policy. Raises InputError where it may serve nothing, or for a viewer."""
    row = registry.find_student(workspace, policy.student_id)  # its files are as they were registered
    if registry.is_probe(registry.read_card(row.folder(workspace))):
        raise InputError(f"{policy.student_id} was trained briefly to compare bases; make one: spiritsafe plan TASK")
    if policy.threshold is None:
        raise InputError(f"{policy.student_id} passed no threshold at alpha {policy.alpha:g}: it would serve nothing")
    return _append(workspace, policy.task_id, policy, "promote", actor, reason, "approver")


def change(
    workspace: Workspace, task_id: str, how: Callable[[Policy], Policy], action: str, actor: Actor, reason: str
) -> Deployment:
    """Go on with the same student under another policy (tighten, raise-audits)."""
    now = active(workspace, task_id)
    if now is None or now.policy_id is None:
        raise DataMissing(f"no student serves {task_id}")
    with Record(workspace).read() as connection:
        policy = policies.find(connection, now.policy_id)
    return _append(workspace, task_id, how(policy), action, actor, reason, "operator")


def tighten(threshold: float) -> Callable[[Policy], Policy]:
    """A change that serves only what is surer."""
    return lambda policy: replace(policy, threshold=max(threshold, policy.threshold or 0.0))


def audit(share: float) -> Callable[[Policy], Policy]:
    """A change that audits more of what is served, never less."""
    return lambda policy: replace(policy, audit_share=max(share, policy.audit_share))


def fall_back(workspace: Workspace, task_id: str, actor: Actor, reason: str) -> Deployment:
    """Send everything to the teacher from now on."""
    return _append(workspace, task_id, None, "fall-back", actor, reason, "operator")


def roll_back(workspace: Workspace, task_id: str, actor: Actor, reason: str) -> Deployment:
    """Go back to the student that served before the present one; to the teacher where there was none."""
    rows = history(workspace, task_id)
    if not rows:
        raise DataMissing(f"nothing was ever promoted for {task_id}")
    now = rows[0].student_id
    gone = {row.student_id for row in rows if row.action == "roll-back"} | {now}
    before = next((row for row in rows if row.action == "promote" and row.student_id not in gone), None)
    policy = None
    if before is not None and before.policy_id is not None:
        with Record(workspace).read() as connection:
            policy = policies.find(connection, before.policy_id)
    return _append(workspace, task_id, policy, "roll-back", actor, reason, "operator")


def history(workspace: Workspace, task_id: str | None = None) -> list[Deployment]:
    """Every change, newest first."""
    query = sa.select(deployments).order_by(deployments.c.deployment_id.desc())
    if task_id is not None:
        query = query.where(deployments.c.task_id == task_id)
    with Record(workspace).read() as connection:
        return [Deployment(**row._mapping) for row in connection.execute(query)]


def active(workspace: Workspace, task_id: str) -> Deployment | None:
    """What is in force for a task; None where nothing was ever promoted."""
    return next(iter(history(workspace, task_id)), None)


def in_force(workspace: Workspace) -> list[tuple[Deployment, Policy]]:
    """Every task that a student serves now, with its policy."""
    newest: dict[str, Deployment] = {}
    for row in history(workspace):
        newest.setdefault(row.task_id, row)
    with Record(workspace).read() as connection:
        return [(row, policies.find(connection, row.policy_id)) for row in newest.values() if row.policy_id]


def _append(
    workspace: Workspace, task_id: str, policy: Policy | None, action: str, actor: Actor, reason: str, least: Role
) -> Deployment:
    require(actor, least, action)
    if not reason.strip():
        raise InputError(f"{action} needs a reason, for whoever asks later")
    row = {"task_id": task_id, "student_id": policy.student_id if policy else None, "action": action}
    row |= {"actor": actor.name, "reason": reason.strip(), "created_at": utc_now()}
    with Record(workspace).write() as connection:
        policy_id = policies.keep(connection, policy) if policy else None
        done = connection.execute(deployments.insert().values(**row, policy_id=policy_id))
        subject = policy.student_id if policy else task_id
        log_action(connection, actor, action, subject, reason, {"task_id": task_id, "policy_id": policy_id})
        key = done.inserted_primary_key
    assert key is not None
    return Deployment(deployment_id=key[0], policy_id=policy_id, **row)  # type: ignore[arg-type]

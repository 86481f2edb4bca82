"""The failure queue: what a student could not or should not have answered, and what people say was right."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, get_args

import pyarrow as pa

from analytics.actors import Actor, log_action, require
from analytics.errors import InputError, UnknownName
from analytics.kept_tasks import snapshot_folder
from analytics.record import Record, failure_labels, utc_now
from analytics.store import open_store
from analytics.workspace import Workspace
from pipeline.failure_labels import Right, checked_answer, newest_labels, redacted
from pipeline.traffic import settle

REASONS = ("unsure", "unfamiliar", "audit", "schema", "complaint", "student-failed", "student-slow")
EVERYTHING = 2**62  # rows
Failure = dict[str, Any]


def queue(
    workspace: Workspace,
    task: str | None = None,
    reason: str | None = None,
    unlabelled: bool = True,
    limit: int | None = 200,
) -> list[Failure]:
    """Failures, newest first, each with its newest label or null. UnknownName lists the reasons, or the tasks.

    unlabelled: only those that nobody has labelled. limit: at most so many; None for all.
    """
    if limit is not None and limit < 1:
        raise InputError(f"the limit is at least 1, not {limit}")
    return _read(workspace, task, reason, unlabelled=unlabelled, limit=limit)


def groups(workspace: Workspace, task: str | None = None) -> list[dict[str, Any]]:
    """Failures by task, reason and cluster, the largest group first; share: of the task's failures."""
    rows = _read(workspace, task, None)
    whole = Counter(row["task_id"] for row in rows)
    members: dict[tuple[str | None, str, str | None], list[Failure]] = {}
    for row in rows:
        members.setdefault((row["task_id"], row["reason"], row["cluster"]), []).append(row)
    found = [_group(one, whole[one[0]["task_id"]]) for one in members.values()]
    return sorted(found, key=lambda one: (-one["failures"], one["task_id"] or "", one["reason"], one["cluster"] or ""))


def label(
    workspace: Workspace,
    actor: Actor,
    failure_id: str,
    right: str,
    answer: str | None = None,
    note: str | None = None,
) -> dict[str, Any]:
    """Say who was right; needs an operator. The newest label of a failure counts, older ones stay in the record.

    right: student, teacher, both, neither or skip. answer: the right one, where neither gave it.
    """
    require(actor, "operator", "to label a failure")
    if right not in get_args(Right):
        raise UnknownName("word for who was right", right, get_args(Right))
    failure = find(workspace, failure_id)
    checked_answer(failure, right, answer)
    row: dict[str, str | None] = {
        "failure_id": failure_id,
        "right": right,
        "actor": actor.name,
        "created_at": utc_now(),
    }
    row |= {"answer": redacted(workspace, answer), "note": redacted(workspace, note)}
    with Record(workspace).write() as connection:
        connection.execute(failure_labels.insert().values(**row))
        log_action(connection, actor, "label", failure_id, None, {"right": right, "task_id": failure["task_id"]})
    return {**failure, "label": {name: row[name] for name in ("right", "answer", "note", "actor", "created_at")}}


def find(workspace: Workspace, failure_id: str) -> Failure:
    """One failure. UnknownName shows the newest ones."""
    rows = _read(workspace, None, None)
    found = next((row for row in rows if row["failure_id"] == failure_id), None)
    if found is None:
        raise UnknownName("failure", failure_id, [row["failure_id"] for row in rows[:10]])
    return found


def of_task(workspace: Workspace, task_id: str) -> list[Failure]:
    """Every failure of a task, newest first; none where nothing was routed yet."""
    return [row for row in _read(workspace, None, None) if row["task_id"] == task_id]


def _read(
    workspace: Workspace, task: str | None, reason: str | None, *, unlabelled: bool = False, limit: int | None = None
) -> list[Failure]:
    if reason is not None and reason not in REASONS:
        raise UnknownName("reason of a failure", reason, REASONS)
    settle(workspace)
    labels = newest_labels(workspace)
    with open_store(workspace, snapshot_folder(workspace, required=False)) as store:
        store.register("labelled_failures", pa.table({"failure_id": pa.array(list(labels), pa.string())}))
        rows = store.rows(
            "list_queued_failures",
            task=task,
            reason=reason,
            unlabelled=unlabelled,
            rows=EVERYTHING if limit is None else limit,
        )
    if task is not None and not rows:
        _require_task(workspace, task)
    return [{**row, "label": labels.get(row["failure_id"])} for row in rows]


def _require_task(workspace: Workspace, task: str) -> None:
    """UnknownName for one that neither an analysis nor a failure knows. A task without failures is no error."""
    from analytics import api

    known = {name for row in _read(workspace, None, None) for name in (row["task_id"], row["task"]) if name}
    if _analysed(workspace):
        known |= {name for one in api.tasks(workspace) for name in (one.task_id, one.name)}
    if task not in known:
        raise UnknownName("task", task, known)


def _analysed(workspace: Workspace) -> bool:
    return snapshot_folder(workspace, required=False) is not None


def _group(members: Sequence[Failure], of_task: int) -> dict[str, Any]:
    first = members[0]
    return {
        "task_id": first["task_id"],
        "task": first["task"],
        "reason": first["reason"],
        "cluster": first["cluster"],
        "example": first["input_text"],
        "failures": len(members),
        "labelled": sum(row["label"] is not None for row in members),
        "share": len(members) / of_task,
    }

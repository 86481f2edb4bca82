"""Many runs and many students at a glance: a few queries for all of them, however many there are.

``views`` reads a run with everything that it has; a page that lists hundreds of them needs a line of each.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from analytics.record import Record, audit_log, plans, runs, stages, students
from analytics.workspace import Workspace
from pipeline import views
from pipeline.contracts import STAGES

LIVE = ("queued", "running")
CARDS_KEPT = 512


@dataclass(frozen=True)
class RunLine:
    """One run in a list."""

    run_id: str
    plan_id: str
    task: str
    task_id: str | None
    kind: str  # of the student
    state: str  # queued, running, interrupted, succeeded, failed, cancelled
    stage: str | None
    progress: float  # share of the expected time where it goes on, else of the stages that are done
    spent_usd: float
    cap_usd: float | None
    eta_s: float | None
    created_at: str
    ended_at: str | None
    student_id: str | None
    agreement: float | None  # of its student, on new inputs
    owner: str | None  # who asked for it first; None: before that was kept


@dataclass(frozen=True)
class StudentLine:
    """One student in a list."""

    student_id: str
    task_id: str | None
    task: str
    kind: str
    created_at: str
    agreement: float | None  # on new inputs
    passed: bool | None  # the gate; None: too few rows to say


def run_lines(workspace: Workspace) -> list[RunLine]:
    """Every run, newest first."""
    with Record(workspace).read() as connection:
        found = connection.execute(_RUNS).all()
        done = _done(connection)
        owners = {row.subject: row.actor for row in connection.execute(_OWNERS)}
        states = {row.run_id: views.state_of(connection, row) for row in found}
    return [_line(workspace, row, states[row.run_id], done.get(row.run_id, []), owners) for row in found]


def student_lines(workspace: Workspace) -> list[StudentLine]:
    """Every student, newest first."""
    with Record(workspace).read() as connection:
        found = connection.execute(_STUDENTS).all()
    return [_student(workspace, tuple(row)) for row in found]


_RUNS = (
    sa.select(runs, plans.c.spec, students.c.card_sha256)
    .join(plans, plans.c.plan_id == runs.c.plan_id)
    .outerjoin(students, students.c.student_id == runs.c.student_id)
    .order_by(runs.c.created_at.desc())
)
_OWNERS = (
    sa.select(audit_log.c.subject, audit_log.c.actor)
    .where(audit_log.c.action == "launch")
    .order_by(audit_log.c.entry_id.desc())  # the first of a run comes last, and counts
)
_STUDENTS = sa.select(
    students.c.student_id, students.c.task_id, students.c.kind, students.c.created_at, students.c.card_sha256
).order_by(students.c.created_at.desc())


def _done(connection: sa.Connection) -> dict[str, list[str]]:
    """The stages that each run has finished."""
    found: dict[str, list[str]] = {}
    query = sa.select(stages.c.run_id, stages.c.stage).where(stages.c.state == "succeeded")
    for run_id, stage in connection.execute(query):
        found.setdefault(run_id, []).append(stage)
    return found


def _line(workspace: Workspace, row: sa.Row[Any], state: str, done: list[str], owners: Mapping[str, str]) -> RunLine:
    spec = json.loads(row.spec)
    live = views.show_run(workspace, row.run_id) if state in LIVE else None
    left = next((name for name in STAGES if name not in done), None)
    return RunLine(
        run_id=row.run_id,
        plan_id=row.plan_id,
        task=spec["task_name"],
        task_id=row.task_id,
        kind=spec["student"],
        state=state,
        stage=None if state == "succeeded" else left,
        progress=live.progress if live else 1.0 if state == "succeeded" else len(done) / len(STAGES),
        spent_usd=row.spent_micros / 1e6,
        cap_usd=None if row.cap_micros is None else row.cap_micros / 1e6,
        eta_s=live.eta_s if live else None,
        created_at=row.created_at,
        ended_at=row.ended_at,
        student_id=row.student_id,
        agreement=_figures(workspace, row.student_id, row.card_sha256)[1] if row.card_sha256 else None,
        owner=owners.get(row.run_id),
    )


def _student(workspace: Workspace, row: tuple[str, str | None, str, str, str]) -> StudentLine:
    student_id, task_id, kind, created_at, card_sha256 = row
    task, agreement, passed = _figures(workspace, student_id, card_sha256)
    return StudentLine(student_id, task_id, task, kind, created_at, agreement, passed)


@lru_cache(maxsize=CARDS_KEPT)
def _figures(workspace: Workspace, student_id: str, card_sha256: str) -> tuple[str, float | None, bool | None]:
    """Task, agreement and gate of a card. A card never changes, so each is read once; its hash is part of the name."""
    with Record(workspace).read() as connection:
        text = connection.execute(sa.select(students.c.card).where(students.c.student_id == student_id)).scalar_one()
    card = json.loads(text)
    return card["task"], (card["agreement"] or {}).get("value"), (card.get("gate") or {}).get("passed")

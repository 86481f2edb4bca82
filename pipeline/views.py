"""What a run looks like from outside: derived on every read from the record and the leases."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from analytics.errors import UnknownName
from analytics.record import Record, plans, runs, stages
from analytics.workspace import Workspace
from pipeline import lease, pace
from pipeline.contracts import STAGES, PlanSpec
from pipeline.measured_training import compared
from pipeline.plan import spec_from_json
from pipeline.training_events import newest_events

SLOT = "slot:training"  # one training run at a time
FINISHED = ("succeeded", "failed", "cancelled")
ENDED = (*FINISHED, "interrupted")  # nothing goes on in these
NEARLY = 0.95  # a stage that takes longer than expected is never shown as done


@dataclass(frozen=True)
class StageView:
    """One stage of a run."""

    name: str
    state: str  # waiting, started, succeeded, failed
    started_at: str | None = None
    ended_at: str | None = None
    seconds: float | None = None
    detail: dict[str, Any] | None = None


@dataclass(frozen=True)
class RunView:
    """One run: the answer of ``runs show``."""

    run_id: str
    plan_id: str
    task: str
    task_id: str | None
    state: str  # queued, running, interrupted, succeeded, failed, cancelled
    stage: str | None
    progress: float  # share of the expected time
    spent_usd: float
    cap_usd: float | None
    eta_s: float | None
    created_at: str
    started_at: str | None
    ended_at: str | None
    error: str | None
    student_id: str | None
    stages: list[StageView]
    training: dict[str, Any] | None = None  # predicted beside measured: memory and time; None: no network is trained
    events: list[dict[str, Any]] = field(default_factory=list)  # the newest steps of training, oldest first

    @property
    def exit_code(self) -> int:
        """What a command that waited for this run ends with: 0, or the code of the error that stopped it."""
        if self.state == "succeeded":
            return 0
        codes = [stage.detail["exit_code"] for stage in self.stages if stage.detail and "exit_code" in stage.detail]
        return int(codes[0]) if codes else 1


def lease_name(run_id: str) -> str:
    """The lease that a run's worker holds."""
    return f"run:{run_id}"


def list_runs(workspace: Workspace) -> list[RunView]:
    """Every run, newest first."""
    with Record(workspace).read() as connection:
        ids = connection.execute(sa.select(runs.c.run_id).order_by(runs.c.created_at.desc())).scalars().all()
        return [_view(workspace, connection, run_id) for run_id in ids]


def show_run(workspace: Workspace, run_id: str) -> RunView:
    """One run; UnknownName lists the newest ones."""
    with Record(workspace).read() as connection:
        return _view(workspace, connection, run_id)


def state_of(connection: sa.Connection, run: sa.Row[Any]) -> str:
    """The state, derived: an outcome if there is one, else what the leases say."""
    if run.outcome:
        return str(run.outcome)
    held = lease.live(connection, lease_name(run.run_id))
    if held is None:
        return "interrupted"
    slot = lease.live(connection, SLOT)
    return "running" if slot and slot.owner.same(held.owner) else "queued"


def find_row(connection: sa.Connection, run_id: str) -> sa.Row[Any]:
    """The run's row with its plan's spec."""
    query = sa.select(runs, plans.c.spec).join(plans, plans.c.plan_id == runs.c.plan_id)
    row = connection.execute(query.where(runs.c.run_id == run_id)).one_or_none()
    if row is None:
        newest = sa.select(runs.c.run_id).order_by(runs.c.created_at.desc()).limit(10)
        raise UnknownName("run", run_id, connection.execute(newest).scalars().all())
    return row


def _view(workspace: Workspace, connection: sa.Connection, run_id: str) -> RunView:
    row = find_row(connection, run_id)
    spec = spec_from_json(row.spec)
    state = state_of(connection, row)
    found = connection.execute(sa.select(stages).where(stages.c.run_id == run_id)).all()
    views = [_stage(name, found) for name in STAGES]
    progress, eta_s = _progress(workspace, spec, views, state)
    return RunView(
        run_id=run_id,
        plan_id=row.plan_id,
        task=spec.task_name,
        task_id=row.task_id,
        state=state,
        stage=_current(views, state),
        progress=progress,
        spent_usd=row.spent_micros / 1e6,
        cap_usd=None if row.cap_micros is None else row.cap_micros / 1e6,
        eta_s=eta_s,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        error=row.error,
        student_id=row.student_id,
        stages=views,
        training=compared(workspace.runs / run_id),
        events=newest_events(workspace.runs / run_id),
    )


def _stage(name: str, found: Sequence[sa.Row[Any]]) -> StageView:
    row = next((row for row in found if row.stage == name), None)
    if row is None:
        return StageView(name, "waiting")
    seconds = _seconds_between(row.started_at, row.ended_at) if row.ended_at else None
    detail = json.loads(row.detail) if row.detail else None
    return StageView(name, row.state, row.started_at, row.ended_at, seconds, detail)


def _seconds_between(start: str, end: str) -> float:
    return max(0.0, (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds())


def _current(views: list[StageView], state: str) -> str | None:
    """The stage that runs, or the one that a stopped run would go on with."""
    if state == "succeeded":
        return None
    return next((view.name for view in views if view.state != "succeeded"), STAGES[-1])


def _progress(workspace: Workspace, spec: PlanSpec, views: list[StageView], state: str) -> tuple[float, float | None]:
    """Share of the expected time that has passed, and the seconds left while a worker is at it."""
    if state == "succeeded":
        return 1.0, None
    rates = pace.rates(workspace, spec)
    expected_s = {view.name: rates.seconds(view.name, _rows(spec, views)) for view in views}
    done_s = sum(_passed_s(view, expected_s[view.name], state) for view in views)
    total_s = sum(expected_s.values())
    eta_s = round(total_s - done_s, 1) if state in ("running", "queued") else None
    return round(min(NEARLY, done_s / total_s), 4), eta_s


def _rows(spec: PlanSpec, views: list[StageView]) -> int:
    counted = [view.detail["rows_out"] for view in views if view.detail and view.detail.get("rows_out")]
    return int(counted[0]) if counted else spec.max_rows


def _passed_s(view: StageView, expected_s: float, state: str) -> float:
    """The part of a stage's expected seconds that is behind us."""
    if view.state == "succeeded":
        return expected_s
    if view.state != "started" or state != "running" or view.started_at is None:
        return 0.0
    return min(NEARLY * expected_s, _seconds_between(view.started_at, datetime.now(UTC).isoformat()))

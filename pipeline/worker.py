"""The worker of one run: stages in order, each committed whole, each skipped when it is there already."""

import errno
import json
import shutil
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from analytics.errors import SpiritsafeError, WorkspaceBusy
from analytics.record import Record, runs, stages, utc_now
from analytics.workspace import Workspace
from pipeline import artifacts, lease, registry
from pipeline import stages as stage_modules
from pipeline.contracts import PlanSpec, StageInputs, StageResult
from pipeline.heartbeat import Heartbeat, cancel_requested
from pipeline.lease import Lease
from pipeline.plan import spec_from_json
from pipeline.stages import RunStage
from pipeline.views import SLOT, find_row, lease_name

SLOT_POLL_S = 0.5
COMMIT_WAIT_S = 600.0  # a long import is no reason to lose a finished stage


class Cancelled(Exception):
    """Somebody asked the run to stop."""


@dataclass(frozen=True)
class Job:
    """One run in the hands of one worker."""

    workspace: Workspace
    run_id: str
    spec: PlanSpec
    lease: Lease
    previous: registry.StudentRow | None  # the student of this task that the new one is compared with

    @property
    def record(self) -> Record:
        """The workspace's record."""
        return Record(self.workspace)

    @property
    def folder(self) -> Path:
        """Stage outputs and log."""
        return self.workspace.runs / self.run_id

    @contextmanager
    def commit(self) -> Iterator[sa.Connection]:
        """A transaction that only the holder of the newest token gets through."""
        with self.record.write(COMMIT_WAIT_S) as connection:
            lease.check(connection, self.lease)
            yield connection


def execute(workspace: Workspace, run_id: str, table: Mapping[str, RunStage] | None = None) -> int:
    """Do what is left of a run. Returns the exit code: 0, or that of the error that stopped it."""
    job = _take(workspace, run_id)
    with Heartbeat(job.record, run_id, lambda: _end(job, "cancelled")) as heartbeat:
        heartbeat.hold(job.lease)
        try:
            heartbeat.hold(_wait_for_slot(job))
            _run_stages(job, table or stage_modules.table())
        except Cancelled:
            _end(job, "cancelled")
            return 130
        except lease.LeaseLost as lost:
            _say(str(lost))
            return lost.exit_code
    return _outcome_code(job)


def _take(workspace: Workspace, run_id: str) -> Job:
    with Record(workspace).write() as connection:
        row = find_row(connection, run_id)
        spec = spec_from_json(row.spec)
        held = lease.acquire(connection, lease_name(run_id), lease.this_process())
        if held is None:
            raise WorkspaceBusy(f"{run_id} is being worked on by another process")
        previous = registry.previous_student(connection, row.task_id, row.created_at)
    return Job(workspace, run_id, spec, held, previous)


def _wait_for_slot(job: Job) -> Lease:
    """One training run at a time: two would only slow each other down and exhaust the memory."""
    told = False
    while True:
        _stop_if_asked(job)
        with job.record.read() as connection:
            other = lease.live(connection, SLOT)
        if other is None or other.owner.same(job.lease.owner):
            with job.commit() as connection:
                if slot := lease.acquire(connection, SLOT, job.lease.owner):
                    _mark_started(connection, job.run_id)
                    return slot
        if not told:
            _say("queued: another run is training")
            told = True
        time.sleep(SLOT_POLL_S)


def _mark_started(connection: sa.Connection, run_id: str) -> None:
    first = (runs.c.run_id == run_id) & runs.c.started_at.is_(None)
    connection.execute(runs.update().where(first).values(started_at=utc_now()))


def _run_stages(job: Job, table: Mapping[str, RunStage]) -> None:
    for stale in job.folder.glob(".part-*"):  # left by a worker that was killed
        shutil.rmtree(stale)
    done: dict[str, Path] = {}
    hashes: dict[str, str] = {}
    for name, run_stage in table.items():
        _stop_if_asked(job)
        final = job.folder / f"{name}-{_input_hash(job, name, hashes)}"
        digest = _kept(job, name, final)
        if digest is None:
            try:
                digest = _run_stage(job, name, run_stage, final, done)
            except (Cancelled, lease.LeaseLost, KeyboardInterrupt):
                raise
            except Exception as error:
                _fail(job, name, error)
                return
        done[name], hashes[name] = final, digest
    with job.commit() as connection:
        student_id = registry.enrol(connection, job.workspace, done["register"])
        _set_outcome(connection, job.run_id, "succeeded", student_id=student_id)
    _say(f"succeeded: student {student_id}")


def _input_hash(job: Job, name: str, hashes: Mapping[str, str]) -> str:
    """Everything that decides what a stage makes."""
    previous = job.previous.student_id if job.previous else None
    return artifacts.short_hash({"stage": name, "spec": asdict(job.spec), "inputs": hashes, "previous": previous})


def _kept(job: Job, name: str, final: Path) -> str | None:
    """The output hash of a stage that is done: its row is committed and its folder verifies."""
    with job.record.read() as connection:
        mine = (stages.c.run_id == job.run_id) & (stages.c.stage == name) & (stages.c.state == "succeeded")
        row = connection.execute(sa.select(stages).where(mine)).one_or_none()
    if row is None or row.path != str(final.relative_to(job.workspace.home)):
        return None
    digest = artifacts.sealed_hash(final)
    if digest != row.output_hash:
        _say(f"{name}: its files are damaged; doing it again")
        return None
    _say(f"{name}: kept")
    return digest


def _run_stage(job: Job, name: str, run_stage: RunStage, final: Path, done: Mapping[str, Path]) -> str:
    started_at = utc_now()
    input_hash = final.name.removeprefix(f"{name}-")
    row = {"run_id": job.run_id, "stage": name, "input_hash": input_hash, "started_at": started_at}
    with job.commit() as connection:
        _put_stage(connection, row | {"state": "started"})
    _say(f"{name}: started")
    part = job.folder / f".part-{name}-{job.lease.token}"
    part.mkdir(mode=0o700)
    folders = dict(done) | ({"previous": job.previous.folder(job.workspace)} if job.previous else {})
    result = run_stage(job.spec, StageInputs(job.workspace.home, job.run_id, folders), part)
    artifacts.write_json(part / artifacts.RESULT, asdict(result))
    digest = artifacts.seal(part)
    with job.commit() as connection:  # inside it nobody else can take over, so the rename is ours as well
        artifacts.publish(part, final)
        path = str(final.relative_to(job.workspace.home))
        ended = {"state": "succeeded", "output_hash": digest, "path": path, "ended_at": utc_now()}
        _put_stage(connection, row | ended | {"detail": _detail(result)})
    _say(f"{name}: done, {result.rows_in} rows in, {result.rows_out} out")
    return digest


def _detail(result: StageResult) -> str:
    return json.dumps({"rows_in": result.rows_in, "rows_out": result.rows_out} | result.detail, sort_keys=True)


def _put_stage(connection: sa.Connection, row: Mapping[str, object]) -> None:
    mine = (stages.c.run_id == row["run_id"]) & (stages.c.stage == row["stage"])
    connection.execute(stages.delete().where(mine))
    connection.execute(stages.insert().values(**row))


def _stop_if_asked(job: Job) -> None:
    if cancel_requested(job.record, job.run_id):
        raise Cancelled


def _end(job: Job, outcome: str, error: str | None = None) -> None:
    with job.commit() as connection:
        _set_outcome(connection, job.run_id, outcome, error=error)
    _say(outcome if error is None else f"{outcome}: {error}")


def _set_outcome(connection: sa.Connection, run_id: str, outcome: str, **more: object) -> None:
    """The first outcome stays: a stop request may arrive while the last stage is being committed."""
    open_run = (runs.c.run_id == run_id) & runs.c.outcome.is_(None)
    connection.execute(runs.update().where(open_run).values(outcome=outcome, ended_at=utc_now(), **more))


def _fail(job: Job, name: str, error: Exception) -> None:
    """Keep what stopped the run where a person looks, and the traceback of a bug in the log."""
    expected = isinstance(error, SpiritsafeError)
    if not expected:
        traceback.print_exc()
    message = _message(error, job.run_id)
    detail = {"error_type": type(error).__name__, "exit_code": getattr(error, "exit_code", 1), "error": message}
    with job.commit() as connection:
        mine = (stages.c.run_id == job.run_id) & (stages.c.stage == name)
        failed = {"state": "failed", "ended_at": utc_now(), "detail": json.dumps(detail)}
        connection.execute(stages.update().where(mine).values(**failed))
    _end(job, "failed", message)


def _message(error: Exception, run_id: str) -> str:
    if isinstance(error, SpiritsafeError):
        return str(error)
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"the disk is full; free some space, then: spiritsafe runs resume {run_id}"
    return f"{type(error).__name__}: {error} (a bug; its traceback: spiritsafe runs log {run_id})"


def _outcome_code(job: Job) -> int:
    from pipeline.views import show_run

    return show_run(job.workspace, job.run_id).exit_code


def _say(line: str) -> None:
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z {line}", flush=True)

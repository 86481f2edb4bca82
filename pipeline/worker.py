"""The worker of one run: stages in order, each committed whole, each skipped when it is there already."""

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import sqlalchemy as sa

from analytics.record import runs, stages, utc_now
from analytics.workspace import Workspace
from pipeline import artifacts, lease, registry, views
from pipeline import stages as stage_modules
from pipeline.contracts import STAGES, StageInputs, StageResult
from pipeline.heartbeat import Heartbeat, cancel_requested
from pipeline.job import Cancelled, Job, clear_parts, end, fail, put_stage, say, set_outcome, take
from pipeline.lease import Lease
from pipeline.stages import RunStage

SLOT_POLL_S = 0.5


def execute(workspace: Workspace, run_id: str, table: Mapping[str, RunStage] | None = None) -> int:
    """Do what is left of a run. Returns the exit code: 0, or that of the error that stopped it."""
    job = take(workspace, run_id)
    with Heartbeat(job.record, run_id, lambda: end(job, "cancelled")) as heartbeat:
        heartbeat.hold(job.lease)
        try:
            heartbeat.hold(_wait_for_slot(job))
            _run_stages(job, table or stage_modules.table())
        except Cancelled:
            end(job, "cancelled")
            return 130
        except lease.LeaseLost as lost:
            say(str(lost))
            return lost.exit_code
    return views.show_run(workspace, run_id).exit_code


def _wait_for_slot(job: Job) -> Lease:
    """One training run at a time: two would only slow each other down and exhaust the memory."""
    told = False
    while True:
        _stop_if_asked(job)
        with job.record.read() as connection:
            other = lease.live(connection, views.SLOT)
        if other is None or other.owner.same(job.lease.owner):
            with job.commit() as connection:
                if slot := lease.acquire(connection, views.SLOT, job.lease.owner):
                    _mark_started(connection, job.run_id)
                    return slot
        if not told:
            say("queued: another run is training")
            told = True
        time.sleep(SLOT_POLL_S)


def _mark_started(connection: sa.Connection, run_id: str) -> None:
    first = (runs.c.run_id == run_id) & runs.c.started_at.is_(None)
    connection.execute(runs.update().where(first).values(started_at=utc_now()))


def _run_stages(job: Job, table: Mapping[str, RunStage]) -> None:
    clear_parts(job, "*")  # left by a worker that was killed
    done: dict[str, Path] = {}
    hashes: dict[str, str] = {}
    for name, run_stage in table.items():
        _stop_if_asked(job)
        final = job.folder / f"{name}-{_input_hash(job, name, hashes)}"
        try:
            hashes[name] = _kept(job, name, final) or _run_stage(job, name, run_stage, final, done)
            done[name] = final
            if name == STAGES[-1]:
                _finish(job, final)
        except (lease.LeaseLost, Cancelled):
            raise
        except Exception as error:
            fail(job, name, error)
            return


def _finish(job: Job, assembled: Path) -> None:
    """The student's row and the run's outcome in one transaction."""
    with job.commit() as connection:
        student_id = registry.enrol(connection, job.workspace, assembled)
        set_outcome(connection, job.run_id, "succeeded", student_id=student_id)
    say(f"succeeded: student {student_id}")


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
        say(f"{name}: its files are damaged; doing it again")
        return None
    say(f"{name}: kept")
    return digest


def _run_stage(job: Job, name: str, run_stage: RunStage, final: Path, done: Mapping[str, Path]) -> str:
    started_at = utc_now()
    input_hash = final.name.removeprefix(f"{name}-")
    row = {"run_id": job.run_id, "stage": name, "input_hash": input_hash, "started_at": started_at}
    with job.commit() as connection:
        put_stage(connection, row | {"state": "started"})
    say(f"{name}: started")
    part = job.folder / f".part-{name}-{job.lease.token}"
    part.mkdir(parents=True, mode=0o700)
    folders = dict(done) | ({"previous": job.previous.folder(job.workspace)} if job.previous else {})
    scratch = job.folder / f"scratch-{final.name}"
    scratch.mkdir(exist_ok=True, mode=0o700)
    result = run_stage(job.spec, StageInputs(job.workspace.home, job.run_id, folders, scratch), part)
    artifacts.write_json(part / artifacts.RESULT, asdict(result))
    digest = artifacts.seal(part)
    with job.commit() as connection:  # inside it nobody else can take over, so the rename is ours as well
        artifacts.publish(part, final)
        path = str(final.relative_to(job.workspace.home))
        ended = {"state": "succeeded", "output_hash": digest, "path": path, "ended_at": utc_now()}
        put_stage(connection, row | ended | {"detail": _detail(result)})
    shutil.rmtree(scratch, ignore_errors=True)
    say(f"{name}: done, {result.rows_in} rows in, {result.rows_out} out")
    return digest


def _detail(result: StageResult) -> str:
    return json.dumps({"rows_in": result.rows_in, "rows_out": result.rows_out} | result.detail, sort_keys=True)


def _stop_if_asked(job: Job) -> None:
    if cancel_requested(job.record, job.run_id):
        raise Cancelled

"""One run in the hands of one worker, and the only ways in which a worker writes to the record."""

import errno
import json
import shutil
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa

from analytics.errors import SpiritsafeError, WorkspaceBusy
from analytics.record import Record, runs, stages, utc_now
from analytics.workspace import Workspace
from pipeline import lease, registry
from pipeline.contracts import PlanSpec
from pipeline.lease import Lease
from pipeline.plan import spec_from_json
from pipeline.views import find_row, lease_name

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


def take(workspace: Workspace, run_id: str) -> Job:
    """Take a run in hand; WorkspaceBusy when another process has it."""
    with Record(workspace).write() as connection:
        row = find_row(connection, run_id)
        spec = spec_from_json(row.spec)
        held = lease.acquire(connection, lease_name(run_id), lease.this_process())
        if held is None:
            raise WorkspaceBusy(f"{run_id} is being worked on by another process")
        previous = registry.previous_student(connection, row.task_id, row.created_at)
        if previous and registry.is_damaged(connection, workspace, previous.student_id):
            say(f"the previous student {previous.student_id} is damaged; this one is not compared with it")
            previous = None
    return Job(workspace, run_id, spec, held, previous)


def end(job: Job, outcome: str, error: str | None = None) -> None:
    """Close the run with an outcome, unless it has one."""
    with job.commit() as connection:
        set_outcome(connection, job.run_id, outcome, error=error)
    say(outcome if error is None else f"{outcome}: {error}")


def set_outcome(connection: sa.Connection, run_id: str, outcome: str, **more: object) -> None:
    """The first outcome stays: a stop request may arrive while the last stage is being committed."""
    open_run = (runs.c.run_id == run_id) & runs.c.outcome.is_(None)
    connection.execute(runs.update().where(open_run).values(outcome=outcome, ended_at=utc_now(), **more))


def fail(job: Job, name: str, error: Exception) -> None:
    """Keep what stopped the run where a person looks, and the traceback of a bug in the log."""
    if not isinstance(error, SpiritsafeError):
        traceback.print_exc()
    clear_parts(job, f"*-{job.lease.token}")  # on a full disk this makes the room that writing down the failure needs
    message = _message(error, job.run_id)
    detail = {"error_type": type(error).__name__, "exit_code": getattr(error, "exit_code", 1), "error": message}
    with job.commit() as connection:
        mine = (stages.c.run_id == job.run_id) & (stages.c.stage == name)
        failed = {"state": "failed", "ended_at": utc_now(), "detail": json.dumps(detail)}
        connection.execute(stages.update().where(mine).values(**failed))
    end(job, "failed", message)


def clear_parts(job: Job, which: str) -> None:
    """Remove what unfinished stages have written; a failed worker only its own, since it may be a late one."""
    for part in job.folder.glob(f".part-{which}"):
        shutil.rmtree(part, ignore_errors=True)


def put_stage(connection: sa.Connection, row: Mapping[str, object]) -> None:
    """Write a stage's row in place of the one that was there."""
    mine = (stages.c.run_id == row["run_id"]) & (stages.c.stage == row["stage"])
    connection.execute(stages.delete().where(mine))
    connection.execute(stages.insert().values(**row))


def _message(error: Exception, run_id: str) -> str:
    if isinstance(error, SpiritsafeError):
        return str(error)
    if getattr(error, "errno", None) == errno.ENOSPC or "disk is full" in str(error):
        return f"the disk is full; free some space, then: spiritsafe runs resume {run_id}"
    return f"{type(error).__name__}: {error} (a bug; its traceback: spiritsafe runs log {run_id})"


def say(line: str) -> None:
    """One line in the run's log."""
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}Z {line}", flush=True)

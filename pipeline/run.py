"""Starting, stopping and resuming runs. The work itself is done by a detached worker."""

import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from analytics.actors import Actor, at_terminal, log_action, require
from analytics.errors import SpiritsafeError
from analytics.record import Record, runs, stages, utc_now
from analytics.workspace import Workspace
from pipeline import launchers, lease, registry, source
from pipeline.artifacts import write_json
from pipeline.code import require_same_code
from pipeline.contracts import PlanSpec
from pipeline.launch_options import LaunchOptions, read_options
from pipeline.launchers import Start
from pipeline.launchers.local import LOG
from pipeline.measured_training import PREDICTED
from pipeline.plan import load_spec, spec_from_json
from pipeline.training_forecast import TrainingForecast, forecast, require_fit
from pipeline.views import ENDED, FINISHED, RunView, find_row, lease_name, show_run, state_of

POLL_S = 0.25


def launch(
    workspace: Workspace,
    plan_id: str,
    start: Start | None = None,
    options: LaunchOptions | None = None,
    actor: Actor | None = None,
) -> RunView:
    """Start the plan's run, or return the one that lives or has succeeded.

    A plan names its data, code and seed, so a second run of it could only make the same student:
    asking twice is safe, and a run that was stopped or failed goes on from its verified stages.
    actor: who asks; None: whoever is at the terminal. Raises InputError for a viewer.
    """
    actor = actor or at_terminal()
    require(actor, "operator", "launching a run")
    spec = load_spec(workspace, plan_id)
    require_same_code(spec.code_version)
    source.require_unchanged(workspace, spec)
    options = options or LaunchOptions()
    predicted = forecast(workspace, spec, gpus=options.gpus)
    if not options.is_forced:
        require_fit(predicted)
    with Record(workspace).write() as connection:
        row = _newest_run(connection, plan_id)
        if row is not None and not _can_go_on(workspace, connection, row):
            return show_run(workspace, row.run_id)
        run_id = row.run_id if row is not None else _new_run(connection, plan_id, spec)
        _note(workspace, run_id, options, predicted)
        _start_worker(workspace, connection, run_id, start)
        log_action(connection, actor, "launch", run_id, detail={"plan_id": plan_id, "cap_usd": spec.cap_usd})
    return show_run(workspace, run_id)


def resume(workspace: Workspace, run_id: str, start: Start | None = None, actor: Actor | None = None) -> RunView:
    """Go on with a run that was interrupted, failed or cancelled; one that lives or has succeeded stays as it is."""
    actor = actor or at_terminal()
    require(actor, "operator", "resuming a run")
    with Record(workspace).write() as connection:
        row = find_row(connection, run_id)
        if _can_go_on(workspace, connection, row):
            require_same_code(spec_from_json(row.spec).code_version)
            _start_worker(workspace, connection, run_id, start)
            log_action(connection, actor, "resume", run_id)
    return show_run(workspace, run_id)


def stop(workspace: Workspace, run_id: str, actor: Actor | None = None) -> RunView:
    """Ask the worker to stop; a run without a living worker is cancelled at once."""
    actor = actor or at_terminal()
    require(actor, "operator", "stopping a run")
    with Record(workspace).write() as connection:
        row = find_row(connection, run_id)
        state = state_of(connection, row)
        if state not in FINISHED:
            changes: dict[str, Any] = {"cancel_requested": 1}
            if state == "interrupted":
                changes |= {"outcome": "cancelled", "ended_at": utc_now()}
            connection.execute(runs.update().where(runs.c.run_id == run_id).values(**changes))
            log_action(connection, actor, "stop", run_id)
    return show_run(workspace, run_id)


def watch(workspace: Workspace, run_id: str, poll_s: float = POLL_S) -> Iterator[RunView]:
    """The run each time that it changed, until nothing goes on any more."""
    seen: tuple[object, ...] | None = None
    while True:
        view = show_run(workspace, run_id)
        now = (view.state, view.stage, round(view.progress, 2), view.ended_at)
        if now != seen:
            yield view
            seen = now
        if view.state in ENDED:
            return
        time.sleep(poll_s)


def wait(workspace: Workspace, run_id: str, timeout_s: float | None = None) -> RunView:
    """The run once it has ended, or as it is after ``timeout_s``."""
    deadline_s = None if timeout_s is None else time.monotonic() + timeout_s
    while (view := show_run(workspace, run_id)).state not in ENDED:
        if deadline_s is not None and time.monotonic() > deadline_s:
            break
        time.sleep(POLL_S)
    return view


def log_tail(workspace: Workspace, run_id: str, lines: int = 200) -> list[str]:
    """The last lines that the run's workers printed."""
    show_run(workspace, run_id)  # an unknown run is an error, not an empty log
    with suppress(FileNotFoundError):
        return (workspace.runs / run_id / LOG).read_text("utf-8", errors="replace").splitlines()[-lines:]
    return []


def _note(workspace: Workspace, run_id: str, options: LaunchOptions, predicted: TrainingForecast | None) -> None:
    """How it was started and what was predicted, beside the stages."""
    options.save(workspace.runs / run_id)
    if predicted is not None:
        write_json(workspace.runs / run_id / PREDICTED, predicted.as_json())


def _can_go_on(workspace: Workspace, connection: sa.Connection, row: sa.Row[Any]) -> bool:
    """Whether a new worker would have something to do: nobody is at it, and its student is not there intact."""
    state = state_of(connection, row)
    if state == "succeeded":
        return registry.is_damaged(connection, workspace, row.student_id)
    return state in ("interrupted", "failed", "cancelled")


def _newest_run(connection: sa.Connection, plan_id: str) -> sa.Row[Any] | None:
    query = sa.select(runs).where(runs.c.plan_id == plan_id).order_by(runs.c.created_at.desc())
    return connection.execute(query.limit(1)).one_or_none()


def _new_run(connection: sa.Connection, plan_id: str, spec: PlanSpec) -> str:
    run_id = f"run_{secrets.token_hex(4)}"
    cap_micros = None if spec.cap_usd is None else round(spec.cap_usd * 1e6)
    row = {"run_id": run_id, "plan_id": plan_id, "task_id": spec.task_id, "created_at": utc_now()}
    connection.execute(runs.insert().values(**row, cap_micros=cap_micros, cancel_requested=0, spent_micros=0))
    return run_id


def _start_worker(workspace: Workspace, connection: sa.Connection, run_id: str, start: Start | None) -> None:
    """Start a worker and give it the run's lease, all in the caller's transaction.

    The worker waits for that transaction. If it fails, the worker finds no run and ends; so no
    moment exists at which a started run looks interrupted and could be started twice.
    """
    fresh = {"outcome": None, "error": None, "ended_at": None, "cancel_requested": 0}
    connection.execute(runs.update().where(runs.c.run_id == run_id).values(**fresh))
    failed = (stages.c.run_id == run_id) & (stages.c.state != "succeeded")
    connection.execute(stages.delete().where(failed))
    try:
        chosen = read_options(workspace.runs / run_id).launcher
        owner = (start or launchers.find(chosen))(workspace, run_id)
    except OSError as error:
        raise SpiritsafeError(f"no worker could be started ({error}); nothing has begun") from error
    if not lease.process_lives(owner):
        raise SpiritsafeError(f"the worker of {run_id} ended at once; see {workspace.runs / run_id / LOG}")
    lease.grant(connection, lease_name(run_id), owner)

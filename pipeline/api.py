"""What the dashboard may ask of the pipeline. Importing this starts no heavy library.

Every function returns what the command of the same name prints with ``--json``.
"""

from datetime import date
from typing import Any

from analytics.actors import Actor
from analytics.workspace import Workspace
from pipeline import registry, run, views
from pipeline.contracts import PairsSource
from pipeline.plan import Plan, Recipe, make_plan
from pipeline.retiring import with_retirements
from pipeline.views import RunView

__all__ = ["Plan", "Recipe", "RunView"]


def plan(workspace: Workspace, recipe: Recipe, task: str | None = None, pairs: PairsSource | None = None) -> Plan:
    """A priced and timed plan, written to the record."""
    return make_plan(workspace, recipe, task, pairs)


def launch(workspace: Workspace, plan_id: str) -> RunView:
    """Start the plan's run in a process of its own; asking twice starts one."""
    return run.launch(workspace, plan_id)


def runs(workspace: Workspace) -> list[RunView]:
    """Every run, newest first."""
    return views.list_runs(workspace)


def show_run(workspace: Workspace, run_id: str) -> RunView:
    """One run."""
    return views.show_run(workspace, run_id)


def stop(workspace: Workspace, run_id: str) -> RunView:
    """Ask a run to stop; returns at once."""
    return run.stop(workspace, run_id)


def resume(workspace: Workspace, run_id: str) -> RunView:
    """Go on with a run that was interrupted, failed or cancelled."""
    return run.resume(workspace, run_id)


def log_tail(workspace: Workspace, run_id: str, lines: int = 200) -> list[str]:
    """The end of a run's log."""
    return run.log_tail(workspace, run_id, lines)


def students(workspace: Workspace) -> list[dict[str, Any]]:
    """Every student's card, newest first."""
    return [with_retirements(workspace, card) for card in registry.list_students(workspace)]


def student(workspace: Workspace, student_id: str) -> dict[str, Any]:
    """The card of one student, its files verified."""
    return with_retirements(workspace, registry.show_student(workspace, student_id))


def ledger(workspace: Workspace, student_id: str | None = None) -> list[dict[str, Any]]:
    """Quality and savings by student: its weeks in order, then their total; the newest replay of each."""
    from pipeline.replay_record import read_ledger

    return read_ledger(workspace, student_id)


def replay(workspace: Workspace, student_id: str) -> dict[str, Any]:
    """Who would have answered each call of the newest weeks, and what that would have saved."""
    from pipeline.replay import replay_student

    return replay_student(workspace, student_id).as_json()


def failures(
    workspace: Workspace,
    task: str | None = None,
    reason: str | None = None,
    unlabelled: bool = True,
    limit: int = 200,
) -> list[dict[str, Any]]:
    """Failures of students at work, newest first, each with its newest label or null."""
    from pipeline.failures import queue

    return queue(workspace, task, reason, unlabelled, limit)


def failure_groups(workspace: Workspace, task: str | None = None) -> list[dict[str, Any]]:
    """Failures by task, reason and cluster, the largest group first."""
    from pipeline.failures import groups

    return groups(workspace, task)


def label_failure(
    workspace: Workspace, actor: Actor, failure_id: str, right: str, answer: str | None = None, note: str | None = None
) -> dict[str, Any]:
    """Say who was right about one failure; needs an operator. Returns the failure with its label."""
    from pipeline.failures import label

    return label(workspace, actor, failure_id, right, answer, note)


def production(workspace: Workspace, student_id: str | None = None) -> list[dict[str, Any]]:
    """Every student that ever served: quality, money, alarms, drift, and its sum against the forecast."""
    from pipeline.production import production as told

    return told(workspace, student_id)


def check_alarms(workspace: Workspace, actor: Actor) -> list[dict[str, Any]]:
    """Act on students that are over their bound, as their policies say; needs an operator."""
    from pipeline.alarms import check_alarms as check

    return check(workspace, actor)


def reevaluations(workspace: Workspace) -> list[dict[str, Any]]:
    """Every kept re-evaluation, newest first: report_id, created_at, trigger, tasks, actions, next_due, files."""
    from pipeline.reevaluation import kept

    return kept.listed(workspace)


def reevaluation(workspace: Workspace, report_id: str) -> dict[str, Any]:
    """Everything of one report: changes, tasks (old, new, why, action), probes, snoozes, hashes."""
    from pipeline.reevaluation import kept

    return kept.read(workspace, report_id)


def reevaluate(
    workspace: Workspace,
    since: date | None = None,
    task: str | None = None,
    probe: bool = False,
    cap_usd: float | None = None,
) -> dict[str, Any]:
    """What changed since then, whom it touches and what to do; with ``probe``, new bases are tried within the cap."""
    from pipeline.reevaluation.candidates import Effort
    from pipeline.reevaluation.make import Asked
    from pipeline.reevaluation.make import reevaluate as make

    effort = Effort() if cap_usd is None else Effort(cap_usd=cap_usd)
    return make(workspace, Asked(since, task, probe, effort=effort), say=lambda _: None)


def snooze(
    workspace: Workspace, actor: Actor, task: str, condition: dict[str, Any] | str, reason: str
) -> dict[str, Any]:
    """Put the verdict on a task aside until a condition holds, such as "teacher below $2" or "volume above 50000"."""
    from pipeline.reevaluation import snoozed as snoozes

    return snoozes.snooze(workspace, actor, task, condition, reason)


def wake(workspace: Workspace, actor: Actor, task: str, reason: str) -> dict[str, Any]:
    """End a snooze."""
    from pipeline.reevaluation import snoozed as snoozes

    return snoozes.wake(workspace, actor, task, reason)


def snoozed(workspace: Workspace) -> list[dict[str, Any]]:
    """Snoozed verdicts, each with its condition, whether it holds by now (``is_awake``) and why."""
    from pipeline.reevaluation import snoozed as snoozes

    return snoozes.snoozed(workspace)

"""What the dashboard may ask of the pipeline. Importing this starts no heavy library.

Every function returns what the command of the same name prints with ``--json``.
"""

from datetime import date
from typing import TYPE_CHECKING, Any

from analytics.actors import Actor, log_action, require
from analytics.record import Record
from analytics.workspace import Workspace
from pipeline import choices as choosing
from pipeline import (
    demo_start,
    disclosure,
    disk,
    operating_points,
    registry,
    run,
    run_lines,
    side_by_side,
    training_events,
    views,
)
from pipeline import watched_version as versions
from pipeline.choices import BaseChoice, Choices
from pipeline.cli_evaluation import EvaluationFlags
from pipeline.cli_teaching import TeacherFlags, teaching_of
from pipeline.cli_training import TrainingFlags
from pipeline.contracts import Evaluating, Gate, PairsSource, PlanSpec, Teaching, Training
from pipeline.disclosure import Disclosure
from pipeline.disk import Disk
from pipeline.launch_options import LaunchOptions, launch_options
from pipeline.operating_points import OperatingPoint, OperatingRange
from pipeline.plan import Plan, Recipe, load_spec, make_plan
from pipeline.plan_command import plan_command
from pipeline.retiring import with_retirements
from pipeline.router import deployments as deployed
from pipeline.router.deployments import Deployment
from pipeline.router.policy import Policy
from pipeline.run_lines import RunLine, StudentLine
from pipeline.side_by_side import Difference, Merit, Said
from pipeline.views import RunView

if TYPE_CHECKING:
    from pipeline.reevaluation.page import ReportPage

__all__ = [
    "BaseChoice", "Choices", "Deployment", "Difference", "Disclosure", "Disk", "Evaluating", "EvaluationFlags", "Gate",
    "LaunchOptions", "Merit", "OperatingPoint", "OperatingRange", "Plan", "PlanSpec", "Policy", "Recipe", "RunLine",
    "RunView", "Said", "StudentLine", "TeacherFlags", "Teaching", "Training", "TrainingFlags", "launch_options",
    "plan_command", "teaching_of",
]  # fmt: skip


def plan(workspace: Workspace, recipe: Recipe, task: str | None = None, pairs: PairsSource | None = None) -> Plan:
    """A priced and timed plan, written to the record."""
    return make_plan(workspace, recipe, task, pairs)


def start_demo(workspace: Workspace, actor: Actor) -> None:
    """Load the sample log, judge its tasks and train a first student, in a process of its own."""
    demo_start.start(workspace, actor)


def demo_state(workspace: Workspace) -> demo_start.State:
    """none, running, failed or done."""
    return demo_start.state(workspace)


def demo_log(workspace: Workspace) -> list[str]:
    """What the demo has said so far."""
    return demo_start.log(workspace)


def choices(workspace: Workspace) -> Choices:
    """What a plan may name: kinds of student with their objectives, bases, jobs of a teacher, launchers, trackers."""
    return choosing.choices(workspace)


def spec_of(workspace: Workspace, plan_id: str) -> PlanSpec:
    """What a plan says, to be planned again with a change."""
    return load_spec(workspace, plan_id)


def room_on_disk(workspace: Workspace, kind: str) -> Disk:
    """What is free, and what the newest run of such a student took."""
    return disk.room(workspace, kind)


def disclosures(workspace: Workspace, plan: Plan) -> list[Disclosure]:
    """Which text of the task would leave this machine, to whom, and on what terms; empty: none."""
    return disclosure.disclosures(workspace, plan)


def launch(workspace: Workspace, actor: Actor, plan_id: str, options: LaunchOptions | None = None) -> RunView:
    """Start the plan's run in a process of its own; asking twice starts one. Raises InputError for a viewer."""
    return run.launch(workspace, plan_id, options=options, actor=actor)


def runs(workspace: Workspace) -> list[RunView]:
    """Every run, newest first."""
    return views.list_runs(workspace)


def lines_of_runs(workspace: Workspace) -> list[RunLine]:
    """A line of every run, newest first: cheap however many there are."""
    return run_lines.run_lines(workspace)


def show_run(workspace: Workspace, run_id: str) -> RunView:
    """One run."""
    return views.show_run(workspace, run_id)


def stop(workspace: Workspace, actor: Actor, run_id: str) -> RunView:
    """Ask a run to stop; returns at once. Raises InputError for a viewer."""
    return run.stop(workspace, run_id, actor)


def resume(workspace: Workspace, actor: Actor, run_id: str) -> RunView:
    """Go on with a run that was interrupted, failed or cancelled. Raises InputError for a viewer."""
    return run.resume(workspace, run_id, actor=actor)


def training_curve(workspace: Workspace, run_id: str, points: int = 120) -> list[dict[str, Any]]:
    """Steps of a run's training from first to newest, thinned to about ``points``; empty where none was written."""
    return training_events.thinned(workspace.runs / run_id, points)


def log_tail(workspace: Workspace, run_id: str, lines: int = 200) -> list[str]:
    """The end of a run's log."""
    return run.log_tail(workspace, run_id, lines)


def students(workspace: Workspace) -> list[dict[str, Any]]:
    """Every student's card, newest first."""
    return [with_retirements(workspace, card) for card in registry.list_students(workspace)]


def lines_of_students(workspace: Workspace) -> list[StudentLine]:
    """A line of every student, newest first: cheap however many there are."""
    return run_lines.student_lines(workspace)


def student(workspace: Workspace, student_id: str) -> dict[str, Any]:
    """The card of one student, its files verified."""
    return with_retirements(workspace, registry.show_student(workspace, student_id))


def merits(workspace: Workspace) -> list[Merit]:
    """Cost and quality of every student and of the teacher, with those that no other beats."""
    return side_by_side.merits(workspace)


def differences(workspace: Workspace, student_id: str, other_id: str) -> list[Difference]:
    """One student less another on the rows that both were tested on, in all and by slice."""
    return side_by_side.differences(workspace, student_id, other_id)


def answers(workspace: Workspace, student_ids: list[str], *, only_apart: bool = True, limit: int = 50) -> list[Said]:
    """What students and teacher said to the same requests, without the requests."""
    return side_by_side.answers(workspace, student_ids, only_apart=only_apart, limit=limit)


def quotes_nothing(workspace: Workspace, student_id: str) -> bool:
    """Whether a student's answers are of a closed set, so that showing them shows nothing of a request."""
    return side_by_side.is_closed(workspace, student_id)


def reveal(workspace: Workspace, actor: Actor, student_id: str, call_id: str) -> str:
    """The text of one test request; the audit log keeps who read it. Raises InputError for a viewer."""
    return side_by_side.reveal(workspace, actor, student_id, call_id)


def record_reveal(workspace: Workspace, actor: Actor, subject: str, what: str) -> None:
    """Keep that somebody is shown raw text. Raises InputError for a viewer; call it before anything is shown."""
    require(actor, "operator", "reading raw text")
    with Record(workspace).write() as connection:
        log_action(connection, actor, "reveal", subject, detail={"what": what})


def operating_range(workspace: Workspace, student_id: str) -> OperatingRange:
    """What each threshold would serve, get wrong and save."""
    return operating_points.operating_range(workspace, student_id)


def watched_version(workspace: Workspace) -> str:
    """A name for all that students at work have left so far; it changes when any of it does."""
    return versions.watched_version(workspace)


def policy_of(workspace: Workspace, student_id: str) -> Policy:
    """The rule that a student's own calibration gives."""
    return deployed.policy_of(workspace, student_id)


def promote(
    workspace: Workspace, actor: Actor, student_id: str, reason: str, policy: Policy | None = None
) -> Deployment:
    """Put a student to work; needs an approver. policy: None for that of its own calibration."""
    return deployed.promote(workspace, policy or policy_of(workspace, student_id), actor, reason)


def roll_back(workspace: Workspace, actor: Actor, task_id: str, reason: str) -> Deployment:
    """Back to the student that served before; needs an operator."""
    require(actor, "operator", "roll-back")
    return deployed.roll_back(workspace, task_id, actor, reason)


def fall_back(workspace: Workspace, actor: Actor, task_id: str, reason: str) -> Deployment:
    """Everything to the teacher from now on; needs an operator."""
    return deployed.fall_back(workspace, task_id, actor, reason)


def tighten(workspace: Workspace, actor: Actor, task_id: str, threshold: float, reason: str) -> Deployment:
    """Serve only what is surer than this; needs an operator. A lower threshold than the present one changes nothing."""
    return deployed.change(workspace, task_id, deployed.tighten(threshold), "tighten", actor, reason)


def raise_audits(workspace: Workspace, actor: Actor, task_id: str, share: float, reason: str) -> Deployment:
    """Ask the teacher about more of what the student serves; needs an operator."""
    return deployed.change(workspace, task_id, deployed.audit(share), "raise-audits", actor, reason)


def deployments(workspace: Workspace, task_id: str | None = None) -> list[Deployment]:
    """Every change of what serves, newest first."""
    return deployed.history(workspace, task_id)


def in_force(workspace: Workspace) -> list[tuple[Deployment, Policy]]:
    """What serves each task now, under which policy."""
    return deployed.in_force(workspace)


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


def reevaluation_page(workspace: Workspace, report_id: str) -> "ReportPage":
    """One report as the page that its documents are made of."""
    from pipeline.reevaluation.page import report_page

    return report_page(reevaluation(workspace, report_id))


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

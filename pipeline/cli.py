"""The commands of the pipeline."""

from typing import Annotated, Any

from cyclopts import App, Parameter
from rich.console import Console

from analytics.terminal import Common, emit, progress, table
from pipeline import (
    cli_bases,
    cli_failures,
    cli_iterate,
    cli_ladder,
    cli_ledger,
    cli_reeval,
    cli_router,
    cli_runs,
    cli_serve,
    cli_students,
)
from pipeline.cli_evaluation import EvaluationFlags
from pipeline.cli_source import LimitFlags, PairsFlags
from pipeline.cli_teaching import TeacherFlags, show_estimate, teaching_of
from pipeline.cli_training import TrainingFlags
from pipeline.launch_options import LaunchOptions, launch_options
from pipeline.plan import Plan, Recipe, make_plan


def mount(app: App) -> None:
    """Add the pipeline's commands to ``app``."""
    app.command(plan)
    app.command(launch)
    app.command(cli_ladder.ladder)
    app.command(cli_iterate.iterate)
    app.command(cli_serve.serve)
    app.command(cli_router.policy)
    app.command(cli_router.app())
    app.command(cli_students.replay)
    app.command(cli_ledger.app())
    app.command(cli_failures.app())
    app.command(cli_bases.app())
    app.command(cli_reeval.app())
    app.command(cli_runs.app())
    app.command(cli_students.app())


def plan(
    task: str | None = None,
    /,
    *,
    source: PairsFlags | None = None,
    student: str = Recipe.student,
    features: str = Recipe.features,
    base: str | None = None,
    objective: str = Recipe.objective,
    limits: LimitFlags | None = None,
    training: TrainingFlags | None = None,
    teacher: TeacherFlags | None = None,
    evaluation: EvaluationFlags | None = None,
    common: Common | None = None,
) -> None:
    """Say what a run would do, cost and take, before anything starts.

    Parameters
    ----------
    task
        Name or id of a task of the log.
    student
        Kind of student.
    features
        What a head reads: static (fast) or sentence (an encoder).
    base
        Pre-trained model to build on, where the kind uses one.
    objective
        What the student is trained towards.
    training
        How a network is trained.
    """
    common = common or Common()
    how, teaching = (training or TrainingFlags()).training(), teaching_of(teacher or TeacherFlags())
    judged, allowed = evaluation or EvaluationFlags(), limits or LimitFlags()
    recipe = Recipe(
        student, features, base, objective, allowed.alpha, allowed.delta, allowed.seed, allowed.max_rows, allowed.cap,
        how, teaching, judged.gate(), judged.evaluating(),
    )  # fmt: skip
    made = make_plan(common.workspace, recipe, task, (source or PairsFlags()).source())
    emit(common, made, lambda console: _show_plan(console, made))


def _show_plan(console: Console, made: Plan) -> None:
    rows = [(line.name, line.does, f"{line.rows:,}", f"{line.seconds:.1f}") for line in made.stages]
    table(console, f"{made.plan_id}: {made.task_name}", ["stage", "what it does", "rows", "seconds"], rows)
    if made.teacher:
        show_estimate(console, made.teacher)
    cost = made.cost_usd
    console.print(f"Cost  ${cost.p50:,.2f} (p90 ${cost.p90:,.2f}): {made.cost_reason}", soft_wrap=True)
    console.print(f"Time  {made.seconds:.0f} s ({made.seconds_basis})", soft_wrap=True)
    if made.memory:
        _show_memory(console, made.memory)
    console.print(f"Start it with: spiritsafe launch {made.plan_id}")


def _show_memory(console: Console, memory: dict[str, Any]) -> None:
    told = f"{memory['needed_gb']} GB of {memory['available_gb']} GB free on {memory['machine']}"
    console.print(f"Memory  {told}: {'fits' if memory['fits'] else 'does not fit'}", soft_wrap=True)
    for way in memory["would_fit"]:
        console.print(f"  would fit: {way}", soft_wrap=True)


def launch(
    plan_id: str,
    /,
    *,
    wait: bool = False,
    launcher: str = LaunchOptions.launcher,
    gpus: int = LaunchOptions.gpus,
    report_to: Annotated[list[str] | None, Parameter(negative="")] = None,
    usd_per_hour: float | None = None,
    force: Annotated[bool, Parameter(negative="")] = False,
    common: Common | None = None,
) -> int:
    """Start a plan's run in the background; launching twice starts it once.

    Parameters
    ----------
    plan_id
        What ``spiritsafe plan`` printed.
    wait
        Stay until the run ends, and end with its exit code. Interrupting this leaves the run alone.
    launcher
        Where the worker runs: local, torchrun (several GPUs of this machine), ray (an existing cluster).
    gpus
        Processes that train together, one a GPU.
    report_to
        Trackers that are told of each step as well: trackio, mlflow, wandb.
    usd_per_hour
        Rent of the machine, so that events count its money.
    force
        Start although the memory is predicted not to suffice.
    """
    from pipeline import run

    common = common or Common()
    options = launch_options(launcher, gpus, tuple(report_to or ()), usd_per_hour, force)
    view = run.launch(common.workspace, plan_id, options=options)
    if wait:
        view = cli_runs.follow(common.workspace, view.run_id)
    summary = {"run_id": view.run_id, "state": view.state, "student_id": view.student_id, "error": view.error}
    emit(common, summary, lambda console: cli_runs.draw_run(console, view))
    if not wait:
        progress.print(f"watch it with: spiritsafe runs watch {view.run_id}")
    return view.exit_code if wait else 0

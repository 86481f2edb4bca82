"""``spiritsafe runs``: look at runs, stop them, resume them."""

from typing import Any

from cyclopts import App
from rich.console import Console

from analytics.terminal import Common, emit, progress, table
from analytics.workspace import Workspace
from pipeline import run, views
from pipeline.cli_teaching import cap
from pipeline.views import RunView

STOP_WAIT_S = 10.0


def app() -> App:
    """The command group."""
    group = App(name="runs", help="Training runs: list, show, watch, stop, resume, log, cap.")
    group.command(list_, name="list")
    for command in (show, watch, stop, resume, log, cap):
        group.command(command)
    group.command(exec_, name="exec", show=False)
    return group


def list_(*, common: Common | None = None) -> None:
    """Every run, newest first."""
    common = common or Common()
    found = views.list_runs(common.workspace)
    columns = ["run", "task", "state", "started", "student"]
    rows = [_line(view) for view in found]
    emit(common, found, lambda console: table(console, "Runs", columns, rows))


def _line(view: RunView) -> tuple[object, ...]:
    at_work = view.state in ("running", "queued")
    state = f"{view.state}, {view.progress:.0%}" if at_work else view.state
    started = view.started_at[5:16].replace("T", " ") if view.started_at else None
    return view.run_id, view.task, state, started, view.student_id


def show(run_id: str, /, *, common: Common | None = None) -> None:
    """One run: state, stages, time, money, error.

    Parameters
    ----------
    run_id
        The run, as `spiritsafe runs` lists it.
    """
    common = common or Common()
    view = views.show_run(common.workspace, run_id)
    emit(common, view, lambda console: draw_run(console, view))


def watch(run_id: str, /, *, common: Common | None = None) -> int:
    """Follow a run until it ends; ends with its exit code.

    Parameters
    ----------
    run_id
        The run, as `spiritsafe runs` lists it.
    """
    common = common or Common()
    view = follow(common.workspace, run_id)
    emit(common, view, lambda console: draw_run(console, view))
    return view.exit_code


def stop(run_id: str, /, *, common: Common | None = None) -> None:
    """Stop a run within seconds; the stages that it finished are kept.

    Parameters
    ----------
    run_id
        The run, as `spiritsafe runs` lists it.
    """
    common = common or Common()
    run.stop(common.workspace, run_id)
    view = run.wait(common.workspace, run_id, STOP_WAIT_S)
    emit(common, view, lambda console: draw_run(console, view))


def resume(run_id: str, /, *, wait: bool = False, common: Common | None = None) -> int:
    """Go on with a run that was interrupted, failed or cancelled.

    Parameters
    ----------
    run_id
        The run.
    wait
        Stay until the run ends, and end with its exit code.
    """
    common = common or Common()
    view = run.resume(common.workspace, run_id)
    if wait:
        view = follow(common.workspace, run_id)
    emit(common, view, lambda console: draw_run(console, view))
    return view.exit_code if wait else 0


def log(run_id: str, /, *, lines: int = 50, common: Common | None = None) -> None:
    """The end of a run's log.

    Parameters
    ----------
    run_id
        The run.
    lines
        How many lines.
    """
    common = common or Common()
    found = run.log_tail(common.workspace, run_id, lines)
    emit(
        common,
        {"run_id": run_id, "lines": found},
        lambda console: console.print("\n".join(found), markup=False, soft_wrap=True),
    )


def exec_(run_id: str, /, *, common: Common | None = None) -> int:
    """Do a run's work in this process (what ``launch`` starts in the background)."""
    from pipeline.worker import execute

    return execute((common or Common()).workspace, run_id)


def follow(workspace: Workspace, run_id: str) -> RunView:
    """Tell on stderr how a run goes on, until it ends."""
    view = views.show_run(workspace, run_id)
    for view in run.watch(workspace, run_id):
        left = f", about {view.eta_s:.0f} s left" if view.eta_s else ""
        progress.print(f"{view.run_id}  {view.state:<11} {view.stage or '':<10} {view.progress:4.0%}{left}")
    return view


def draw_run(console: Console, view: RunView) -> None:
    """One run for a person."""
    console.print(f"[bold]{view.run_id}[/]  {view.task}: {view.state}, {view.progress:.0%}")
    rows = [(stage.name, stage.state, _seconds(stage.seconds), *_counts(stage)) for stage in view.stages]
    table(console, f"plan {view.plan_id}", ["stage", "state", "seconds", "rows in", "rows out"], rows)
    if view.training:
        console.print(_compared(view.training), soft_wrap=True)
    if view.events:
        console.print(_step(view.events[-1]), soft_wrap=True)
    if view.error:
        console.print(f"error: {view.error}", style="red", markup=False)
    if view.student_id:
        console.print(f"student {view.student_id}: spiritsafe students show {view.student_id}")
    if view.state in ("interrupted", "failed", "cancelled"):
        console.print(f"go on with: spiritsafe runs resume {view.run_id}")


def _compared(training: dict[str, Any]) -> str:
    """Memory and time of training, predicted and measured."""

    def both(predicted: float | None, measured: float | None, unit: str) -> str:
        told = ["unknown" if value is None else f"{value:,.1f} {unit}" for value in (predicted, measured)]
        return f"{told[0]} predicted, {told[1]} measured"

    memory = both(training["predicted_gb"], training["peak_gb"], "GB")
    return f"training: memory {memory}; time {both(training['predicted_train_s'], training['train_s'], 's')}"


def _step(event: dict[str, Any]) -> str:
    spent = [f", {name} ${event[name]:,.4f}" for name in ("paid_usd", "machine_usd") if event.get(name) is not None]
    return (
        f"step {event['step']} of {event['steps']}: loss {event['loss']:.4f}, rate {event['learning_rate']:.2e}, "
        f"{event['tokens_per_s']:,.0f} tokens/s, {event['eta_s']:,.0f} s left{''.join(spent)}"
    )


def _seconds(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds:.1f}"


def _counts(stage: views.StageView) -> tuple[object, object]:
    detail = stage.detail or {}
    return detail.get("rows_in"), detail.get("rows_out")

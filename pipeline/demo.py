"""``spiritsafe demo``: the whole loop on the shipped log, without a key and without the network."""

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

from cyclopts import App
from rich.console import Console

from analytics.actors import at_terminal
from analytics.contracts import Verdict
from analytics.errors import SpiritsafeError
from analytics.terminal import Common, emit, progress, table
from analytics.workspace import SHIPPED, Workspace

SAMPLE = SHIPPED / "samples" / "litellm_spend_logs.jsonl.zst"
SAMPLE_RATE = 0.0004  # one call in 2,500: about $60K a month in all
WORTH_TRYING = (Verdict.DISTILL, Verdict.PILOT)


@dataclass(frozen=True)
class Demo:
    """What the demo did, with the figures that matter."""

    tasks: list[Any]  # analytics.api.PortfolioRow
    task_id: str
    student_id: str
    card: dict[str, Any]
    replay: dict[str, Any]
    seconds: float


def mount(app: App) -> None:
    """Add the command."""
    app.command(demo)


def demo(*, common: Common | None = None) -> None:
    """Import the shipped log, judge its tasks, train a student for the best one and replay the newest weeks."""
    flags = common or Common()
    found = run_demo(flags.workspace)
    emit(flags, found, lambda console: show(console, found))


def run_demo(workspace: Workspace) -> Demo:
    """Every step as the commands do it. A second run finds its results and is quick."""
    from analytics import api
    from pipeline import api as pipeline

    started = time.monotonic()
    report = _command(workspace, "import", str(SAMPLE), "--sample-rate", str(SAMPLE_RATE))
    progress.print(f"imported {report['calls']:,} new calls of {report['rows_in']:,} rows in {report['seconds']:.1f} s")
    state = api.status(workspace)
    if state.snapshot_id is None or state.is_stale:
        analysed = _command(workspace, "analyze")
        progress.print(f"found {analysed['tasks']} tasks in {analysed['seconds']:.1f} s")
    tasks = api.portfolio(workspace)
    best = max(
        (task for task in tasks if task.verdict in WORTH_TRYING),
        key=lambda task: task.npv_24m_usd["p50"],
    )
    plan = pipeline.plan(workspace, pipeline.Recipe(), best.task_id)
    student_id = _student_of(workspace, plan.plan_id) or _train(workspace, plan.plan_id)
    progress.print(f"replaying the newest weeks with student {student_id}")
    replayed = pipeline.replay(workspace, student_id)
    card = pipeline.student(workspace, student_id)
    return Demo(tasks, best.task_id, student_id, card, replayed, round(time.monotonic() - started, 1))


def _command(workspace: Workspace, *arguments: str) -> dict[str, Any]:
    """One command in a process of its own, which gives its memory back before the training starts."""
    command = [sys.executable, "-m", "spiritsafe", *arguments, "--home", str(workspace.home), "--json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        raise SpiritsafeError(f"the demo stopped at: spiritsafe {' '.join(arguments)}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _student_of(workspace: Workspace, plan_id: str) -> str | None:
    """The student that an earlier run of the same plan made."""
    from pipeline import api as pipeline

    return next((run.student_id for run in pipeline.runs(workspace) if run.plan_id == plan_id and run.student_id), None)


def _train(workspace: Workspace, plan_id: str) -> str:
    from pipeline import api as pipeline

    run_id = pipeline.launch(workspace, at_terminal(), plan_id).run_id
    seen = ""
    while (run := pipeline.show_run(workspace, run_id)).state in ("queued", "running"):
        if run.stage and run.stage != seen:
            seen = run.stage
            progress.print(f"run {run_id}: {seen}")
        time.sleep(0.5)
    if run.student_id is None:
        raise SpiritsafeError(f"run {run_id} {run.state}: {run.error}; see: spiritsafe runs log {run_id}")
    return run.student_id


def show(console: Console, found: Demo) -> None:
    """Verdicts, the student made, and what it would have saved."""
    from analytics.amounts import usd

    rows = [(task.name, task.title, _or_unknown(task.monthly_spend_usd), task.top_reason) for task in found.tasks]
    table(console, "Verdicts", ("task", "verdict", "$ / month", "main reason"), rows)
    agreement, coverage = found.card["agreement"], found.replay["coverage"]
    saving = found.replay["net_saving_usd"]
    name = next(task.name for task in found.tasks if task.task_id == found.task_id)
    lines = [
        ("student", f"{found.student_id} for {name}"),
        ("agreement on new inputs", _share(agreement)),
        ("agreement where it would serve", _share(found.replay["agreement"])),
        ("coverage", _share(coverage)),
        (
            "net saving a month",
            f"{usd(saving['value'])} ({usd(saving['low'])} to {usd(saving['high'])})"
            if isinstance(saving, dict)
            else usd(saving),
        ),
        ("latency p50", f"{found.replay['student_ms_p50']:.1f} ms, teacher {found.replay['teacher_ms_p50']:,.0f} ms"),
    ]
    table(
        console,
        f"Student and replay, {found.replay['from'][:10]} to {found.replay['to'][:10]}",
        ("figure", "value"),
        lines,
    )
    console.print(f"done in {found.seconds:.0f} s; next: spiritsafe dashboard")


def _or_unknown(value: float | None) -> str | None:
    return None if value is None else f"${value:,.0f}"


def _share(found: Any) -> str:
    if isinstance(found, dict):
        return f"{found['value']:.1%} ({found['low']:.1%} to {found['high']:.1%})"
    return "unknown" if found is None else f"{found:.1%}"

"""Commands from a log to a verdict."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter

from analytics import cli_prices, cli_report, cli_tasks, cli_whatif
from analytics.cli_doctor import doctor
from analytics.cli_flags import LogFlags, TryOut
from analytics.errors import DataMissing, InputError, QualityGateFailed
from analytics.show import show_analysis, show_import, show_rows, show_tasks
from analytics.show_brief import show_brief, show_trace
from analytics.terminal import Common, emit, progress

if TYPE_CHECKING:
    from analytics.assumptions import Assumptions


def mount(app: App) -> None:
    """Add the commands of this room."""
    app.command(import_, name="import")
    for command in (analyze, brief, sql, gold, doctor):
        app.command(command)
    cli_tasks.mount(app, listing=tasks)
    cli_whatif.mount(app, base=_base)
    cli_prices.mount(app)
    cli_report.mount(app)


def _base(common: Common) -> "Assumptions":
    from analytics.settings import user_assumptions

    return user_assumptions(common.workspace)


def import_(
    paths: Annotated[list[str], Parameter(allow_leading_hyphen=True)],
    /,
    *,
    given: LogFlags | None = None,
    common: Common | None = None,
) -> int:
    """Import logs: files, folders, globs, - for standard input, s3:// or the table of a postgresql:// database.

    Files are JSON lines, JSON, CSV or Parquet; plain, gz or zst. Rows already stored are counted as duplicates,
    rows that cannot be calls go to quarantine with the reason.

    Parameters
    ----------
    paths
        What to import.
    """
    from analytics.api import import_files
    from analytics.sources_map import read_map

    if unknown := [path for path in paths if path.startswith("-") and path != "-"]:
        raise InputError(f"unknown option: {unknown[0]}")
    flags, log = common or Common(), given or LogFlags()
    report = import_files(
        flags.workspace,
        paths,
        log.format,
        log.sample_rate,
        read_map(log.map) if log.map else None,
        log.made_at,
        redacts=log.redact,
        engine=log.engine,
    )
    emit(flags, report, lambda console: show_import(console, report))
    for file in report.files:
        for note in file.notes:
            progress.print(f"note: {file.file}: {note}", markup=False, soft_wrap=True)
        if file.error:
            progress.print(f"[bold red]error:[/] {file.error}", soft_wrap=True)
    return DataMissing.exit_code if any(file.error for file in report.files) else 0


def analyze(*, engine: str = "local", common: Common | None = None) -> None:
    """Find the tasks of everything imported, measure and judge each. What was counted before is not read again.

    Parameters
    ----------
    engine
        Where stored calls are read: local, or ray for one task a shard on the cluster of RAY_ADDRESS.
    """
    from analytics.api import analyze as run

    flags = common or Common()
    with progress.status("analysing"):
        found = run(flags.workspace, engine)
    emit(flags, found, lambda console: show_analysis(console, found))


def tasks(*, common: Common | None = None) -> None:
    """List the tasks of the newest analysis, dearest first."""
    from analytics.api import tasks as listed

    flags = common or Common()
    found = listed(flags.workspace)
    emit(flags, found, lambda console: show_tasks(console, found))


def brief(
    task: str,
    /,
    *,
    given: TryOut | None = None,
    explain: str | None = None,
    fail_unless: str | None = None,
    common: Common | None = None,
) -> None:
    """The page of one task: verdict, figures with their ranges, and what would change our mind.

    Parameters
    ----------
    task
        Id or name of the task, or its start.
    explain
        A figure, such as net_12m or npv_24m: its formula, every input with who set it, and the SQL that measured it.
    fail_unless
        Exit with 4 unless this is the verdict; for use in scripts.
    """
    from analytics.api import brief as made
    from analytics.api import find_task
    from analytics.cli_whatif import parse
    from analytics.explain import trace
    from analytics.task_settings import say

    flags, tried = common or Common(), given or TryOut()
    values = parse(tried.set_ or [])
    if tried.save:
        say(flags.workspace, find_task(flags.workspace, task).task_id, values, tried.why)
    found = made(flags.workspace, task, values)
    if explain:
        traced = trace(explain, found.figures, found.assumptions)
        emit(flags, traced, lambda console: show_trace(console, traced))
        return
    emit(flags, {**found.figures, **vars(found)}, lambda console: show_brief(console, found))
    if fail_unless and found.verdict != fail_unless:
        raise QualityGateFailed(f"the verdict on {found.name} is {found.verdict}, not {fail_unless}")


def sql(select: str, /, *, common: Common | None = None) -> None:
    """Run one select over the views calls, tasks, call_tasks, quarantine, runs, students, decisions, audits, ledger.

    Parameters
    ----------
    select
        The statement in quotes; - reads it from standard input.
    """
    from analytics.api import run_sql

    flags = common or Common()
    rows = run_sql(flags.workspace, sys.stdin.read() if select == "-" else select)
    emit(flags, rows, lambda console: show_rows(console, rows))


def gold(
    file: Path,
    /,
    *,
    key: Annotated[str, Parameter(name="--id")] = "call_id",
    column: str = "gold",
    common: Common | None = None,
) -> None:
    """Add answers known to be right, by call: teacher and students are then measured against them.

    Parameters
    ----------
    file
        JSON lines, CSV or Parquet.
    key
        Column with the call's id.
    column
        Column with the right answer.
    """
    from analytics.gold import add_gold

    flags = common or Common()
    report = add_gold(flags.workspace, file, key, column)
    emit(
        flags,
        report,
        lambda console: console.print(f"{report.matched:,} of {report.rows:,} rows belong to stored calls"),
    )

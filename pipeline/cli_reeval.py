"""``spiritsafe reeval``: what changed since the last verdicts, whom it touches, what to do; and when to look again."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter
from rich.console import Console

from analytics.errors import InputError
from analytics.terminal import Common, emit, progress, table
from pipeline import cli_snoozes
from pipeline.cli_probe import ProbeFlags

TO_DO = 4  # exit code of --strict: something is to be done


def app() -> App:
    """The command group."""
    group = App(
        name="reeval", help="Re-evaluate: what changed, whom it touches, what to do; list, show, compare, snooze."
    )
    group.default(reeval)
    group.command(list_, name="list")
    group.command(show)
    group.command(compare)
    for command in (cli_snoozes.snooze, cli_snoozes.wake, cli_snoozes.snoozed):
        group.command(command)
    return group


def reeval(
    kind: str | None = None,
    /,
    *,
    since: Annotated[date | None, Parameter(help="Compare with what was known on that day, YYYY-MM-DD.")] = None,
    task: Annotated[str | None, Parameter(help="One task, by name or id.")] = None,
    probe: ProbeFlags | None = None,
    schedule: Annotated[bool, Parameter(negative="", help="Write the files of a schedule instead.")] = False,
    every: Annotated[str, Parameter(help="Of a schedule: week, month or quarter.")] = "month",
    to: Annotated[
        Path | None, Parameter(help="Folder for the schedule's files; standard output when left out.")
    ] = None,
    strict: Annotated[bool, Parameter(negative="", help="End with 4 where something is to be done.")] = False,
    common: Common | None = None,
) -> int:
    """Say what changed since the last verdicts, which tasks and students it touches, and what to do; keep the report.

    Compared with the last report; before there is one, with the verdicts of the analysis before the newest. Calls or
    prices that came after the newest analysis are analysed first.

    Parameters
    ----------
    kind
        Of a schedule: cron (when left out), systemd or ci.
    """
    common = common or Common()
    if schedule:
        return _schedule(common, kind or "cron", every, to)
    if kind is not None:
        raise InputError(f"{kind!r} is no command of reeval; there are list, show, compare, snooze, wake, snoozed")
    from pipeline.reevaluation.make import reevaluate

    flags = probe or ProbeFlags()
    with progress.status("comparing") as status:
        report = reevaluate(common.workspace, flags.asked(since, task), say=status.update)
    emit(common, report, lambda console: _draw(console, report))
    return _code(report, strict)


def list_(*, common: Common | None = None) -> None:
    """Every kept report, newest first."""
    from pipeline.reevaluation import kept

    common = common or Common()
    found = kept.listed(common.workspace)
    rows = [(one["report_id"], one["trigger"], len(one["tasks"]), _counted(one["actions"]), one["next_due"],
             ", ".join(one["files"])) for one in found]  # fmt: skip
    columns = ("report", "trigger", "tasks", "actions", "next due", "documents")
    emit(common, found, lambda console: table(console, "Re-evaluations", columns, rows))


def show(
    report_id: str = "newest",
    /,
    *,
    strict: Annotated[bool, Parameter(negative="", help="End with 4 where something is to be done.")] = False,
    common: Common | None = None,
) -> int:
    """One report: changes, actions, verdicts old and new, and where its documents lie.

    Parameters
    ----------
    report_id
        Its id; the newest when left out.
    """
    from pipeline.reevaluation import kept

    common = common or Common()
    report = kept.read(common.workspace, report_id)
    emit(common, report, lambda console: _draw(console, report))
    return _code(report, strict)


def compare(before: str, after: str = "newest", /, *, common: Common | None = None) -> None:
    """Two reports beside each other: verdicts, actions and worths that moved.

    Parameters
    ----------
    before
        Id of the earlier report.
    after
        Id of the later one; the newest when left out.
    """
    from pipeline.reevaluation import kept
    from pipeline.reevaluation.compare import compare as beside

    common = common or Common()
    found = beside(*(kept.read(common.workspace, name) for name in (before, after)))
    emit(common, found, lambda console: _draw_comparison(console, found))


def _code(report: dict[str, Any], strict: bool) -> int:
    return TO_DO if strict and any(one["action"] != "keep" for one in report["tasks"]) else 0


def _schedule(common: Common, kind: str, every: str, to: Path | None) -> int:
    """The files of a schedule, written or printed. They call this program on this workspace."""
    from pipeline.reevaluation.schedule import schedule

    program = Path(sys.executable).parent / "spiritsafe"
    command = str(program) if program.exists() else "spiritsafe"
    files = schedule(kind, every, command, common.workspace.home)
    written = []
    if to is not None:
        to.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (to / name).write_text(text, "utf-8")
            written.append(str(to / name))
    emit(common, {"files": files, "written": written}, lambda console: _draw_schedule(console, files, written))
    return 0


def _draw_schedule(console: Console, files: dict[str, str], written: list[str]) -> None:
    for path in written:
        console.print(f"wrote {path}", soft_wrap=True)
    for text in () if written else files.values():
        console.print(text, markup=False, soft_wrap=True, end="")


def _draw(console: Console, report: dict[str, Any]) -> None:
    console.print(
        f"{report['report_id']}: compared with {report['since'][:10]}; trigger: {report['trigger']}", soft_wrap=True
    )
    for one in report["changes"]:
        console.print(f"- {one['on'] + ': ' if one['on'] else ''}{one['sentence']}", soft_wrap=True, markup=False)
    rows = [(one["name"], _verdict(one), one["action"], one["action_why"]) for one in report["tasks"]]
    table(console, "What to do", ("task", "verdict", "action", "because"), rows)
    for probe in report["probes"]:
        _draw_probe(console, probe)
    console.print(f"Next due {report['next_due']} ({report['next_due_why']})")
    for path in report["files"].values():
        console.print(path, soft_wrap=True)


def _verdict(task: dict[str, Any]) -> str:
    old, new = (task["old"] or {}).get("verdict"), task["new"]["verdict"]
    return str(new) if old in (None, new) else f"{old} → {new}"


def _draw_probe(console: Console, probe: dict[str, Any]) -> None:
    from pipeline.reevaluation.page_probe import probe_part

    part = probe_part(probe, 0)
    console.print(part.title)
    for fact in part.facts:
        console.print(f"{fact.label}: {fact.value} {fact.note}".rstrip(), soft_wrap=True)
    for one in (part.ranking, part.moves):
        if one.rows:
            table(console, one.caption, one.header, one.rows)


def _draw_comparison(console: Console, found: dict[str, Any]) -> None:
    title = f"{found['before']['report_id']} and {found['after']['report_id']}"
    rows = []
    for one in found["tasks"]:
        before, after = one["before"], one["after"]
        pairs = [
            f"{before[name]} → {after[name]}" if name in one["moved"] else after[name] for name in ("verdict", "action")
        ]
        rows.append((one["name"], *pairs, before["npv_24m_p50_usd"], after["npv_24m_p50_usd"]))
    table(
        console,
        title,
        ("task", "verdict", "action", "worth before, $", "worth after, $"),
        [_rounded(row) for row in rows],
    )
    same = [name for name, one in found["hashes"].items() if one["same"]]
    console.print(f"unchanged between them: {', '.join(same) or 'nothing'}", soft_wrap=True)


def _rounded(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(f"{cell:,.0f}" if isinstance(cell, float) else cell for cell in row)


def _counted(actions: dict[str, int]) -> str:
    return ", ".join(f"{count} {action}" for action, count in actions.items())

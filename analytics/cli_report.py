"""``spiritsafe report``: the leadership brief of a task, or of the portfolio, as a document."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cyclopts import App

from analytics.cli_whatif import Given
from analytics.errors import InputError
from analytics.terminal import Common, plain, progress, to_json

if TYPE_CHECKING:
    from analytics.reports.render import Format


def mount(app: App) -> None:
    """Add the command."""
    app.command(report)


def report(
    task: str | None = None,
    /,
    *,
    out: Path | None = None,
    portfolio: bool = False,
    engineers: float | None = None,
    weeks: float = 13,
    budget: float | None = None,
    set_: Given = None,
    common: Common | None = None,
) -> None:
    """The leadership brief as HTML, PDF or Markdown; without --out, Markdown on stdout.

    Parameters
    ----------
    task
        Id or name of the task, or its start.
    out
        File to write; its ending says the format: .html, .pdf or .md.
    portfolio
        Over all tasks instead: which projects to do, ranked by value and risk, overlaps removed.
    engineers
        Engineers that there are for it, each for --weeks; without it engineering is no limit.
    weeks
        Weeks of each engineer [default: a quarter].
    budget
        USD that may be paid once, engineering included; without it money is no limit.
    set_
        NAME=VALUE or NAME=LOW:VALUE:HIGH: assumptions of this task to try; names are in docs/assumptions.md.
    """
    from analytics.reports.render import format_of

    flags = common or Common()
    if portfolio == (task is not None):
        raise InputError("report takes either a task or --portfolio")
    if portfolio and set_:
        raise InputError("--set tries assumptions of one task; leave out --portfolio")
    to = format_of(out) if out else "md"
    if portfolio:
        document, found = _portfolio(flags, engineers, weeks, budget, to)
    else:
        document, found = _task(flags, str(task), set_, to)
    _deliver(flags, document, found, out)


def _task(flags: Common, task: str, pairs: Given, to: "Format") -> tuple[bytes, Any]:
    from analytics.api import brief
    from analytics.cli_whatif import parse
    from analytics.reports.documents import brief_document

    with progress.status("deciding"):
        found = brief(flags.workspace, task, parse(pairs or []))
        return brief_document(found, to), found


def _portfolio(
    flags: Common, engineers: float | None, weeks: float, budget: float | None, to: "Format"
) -> tuple[bytes, Any]:
    from analytics.api import plan_portfolio
    from analytics.reports.documents import portfolio_document

    with progress.status("deciding every task"):
        found = plan_portfolio(flags.workspace, engineers, weeks, budget)
        return portfolio_document(found, to), found


def _deliver(flags: Common, document: bytes, found: Any, out: Path | None) -> None:
    """The file, or stdout; with --json what the document says."""
    if out is not None:
        if not out.parent.is_dir():
            raise InputError(f"there is no folder {out.parent} to write {out.name} to")
        out.write_bytes(document)
        progress.print(f"wrote {out}, {len(document):,} bytes", soft_wrap=True)
    if flags.json:
        sys.stdout.write(to_json({"out": out, "bytes": len(document), **plain(found)}) + "\n")
    elif out is None:
        sys.stdout.write(document.decode())

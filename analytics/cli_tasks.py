"""Commands with which people correct the tasks that were found: merge, split, rename, pin, undo."""

from collections.abc import Callable
from typing import Literal

from cyclopts import App

from analytics.terminal import Common, emit

By = Literal["prompt", "model", "key"]


def mount(app: App, listing: Callable[..., None]) -> None:
    """Add the command group; without a command it lists the tasks."""
    group = App(name="tasks", help="List the tasks of the newest analysis, and correct them.")
    group.default(listing)
    for command in (merge, split, rename, pin, undo):
        group.command(command)
    group.command(list_edits, name="edits")
    app.command(group)


def merge(task: str, other: str, /, *, common: Common | None = None) -> None:
    """Two tasks are one: the second joins the first, which keeps its id.

    Parameters
    ----------
    task
        Id or name, or its start, of the task that stays.
    other
        The task that joins it.
    """
    flags = common or Common()
    _decide(flags, "merge", _id(flags, task), _id(flags, other))


def split(task: str, /, *, by: By = "prompt", version: str | None = None, common: Common | None = None) -> None:
    """One task is several: each prompt, model or API key becomes one; the largest part keeps the id.

    Parameters
    ----------
    task
        Id or name, or its start.
    by
        What tells the parts apart.
    version
        Node id of the one version that leaves, as the task's history shows it.
    """
    flags = common or Common()
    _decide(flags, "split", _id(flags, task), version or by)


def rename(task: str, name: str, /, *, common: Common | None = None) -> None:
    """Give a task a name of your own.

    Parameters
    ----------
    task
        Id or name, or its start.
    name
        What it shall be called.
    """
    flags = common or Common()
    _decide(flags, "rename", _id(flags, task), name)


def pin(task: str, /, *, common: Common | None = None) -> None:
    """Keep a task's id and its members whatever later analyses find.

    Parameters
    ----------
    task
        Id or name, or its start.
    """
    flags = common or Common()
    _decide(flags, "pin", _id(flags, task), "")


def list_edits(*, common: Common | None = None) -> None:
    """List what people decided about tasks, oldest first."""
    from analytics.tasks.edits import read_edits

    flags = common or Common()
    found = read_edits(flags.workspace)
    said = "\n".join(f"{edit.at}  {edit.said}" for edit in found) or "nobody has decided anything yet"
    emit(flags, found, lambda console: console.print(said))


def undo(*, common: Common | None = None) -> None:
    """Take back the last decision."""
    from analytics.tasks.edits import undo as take_back

    flags = common or Common()
    edit = take_back(flags.workspace)
    emit(flags, edit, lambda console: console.print(f"taken back: {edit.said}"))


def _id(flags: Common, task: str) -> str:
    from analytics.api import find_task

    return find_task(flags.workspace, task).task_id


def _decide(flags: Common, kind: Literal["merge", "split", "rename", "pin"], task: str, other: str) -> None:
    from analytics.record import utc_now
    from analytics.tasks.edits import Edit, add_edit

    edit = Edit(kind, task, other, utc_now()[:19])
    add_edit(flags.workspace, edit)
    emit(flags, edit, lambda console: console.print(f"{edit.said}; takes effect with the next spiritsafe analyze"))

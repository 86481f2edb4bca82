"""``spiritsafe bases timeline``: each family's models in the order in which they came, and what each means."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from rich.console import Console

from analytics.terminal import Common, emit, table
from pipeline.cli_bases import bases_of, row_of, size_of

WIDTH = 48  # signs of the axis
UNDATED = "9999"


def timeline(*, family: str | None = None, task: str | None = None, common: Common | None = None) -> None:
    """Each family's bases on one axis of time, and what each would mean for the tasks of the log.

    For every base and task: whether training fits this machine, how long it takes, and from which bill on such a
    student pays. A terminal shows tasks that are to be distilled or piloted, or have a student of it; --json shows all.

    Parameters
    ----------
    family
        Only this family.
    task
        One task, by name or id.
    """
    from analytics.kept_tasks import find_row
    from pipeline.bases_for_tasks import is_wanted, meanings

    common = common or Common()
    bases = bases_of(common, family)
    task_id = find_row(common.workspace, task)["task_id"] if task else None
    found = meanings(common.workspace, bases, task_id)
    rows = [row_of(base) | {"tasks": [vars(one) | {"means": one.sentence} for one in found.get(base.name, ())]}
            for base in sorted(bases, key=lambda one: str(one.released or UNDATED))]  # fmt: skip
    shown = [
        (row["name"], one.task, one.verdict, one.sentence)
        for row in rows
        for one in found.get(row["name"], ())
        if task or is_wanted(one)
    ]

    def draw(console: Console) -> None:
        _draw(console, rows)
        if shown:
            table(console, "What each would mean", ("base", "task", "verdict", "means"), shown)

    emit(common, rows, draw)


def _draw(console: Console, rows: list[dict[str, Any]]) -> None:
    dated = [date.fromisoformat(row["released"]) for row in rows if row["released"]]
    first, last = min(dated, default=date.today()), max(dated, default=date.today())
    console.print(f"{'':<34}{first:%Y-%m}{'':<{WIDTH - 14}}{last:%Y-%m}")
    for family in dict.fromkeys(row["family"] for row in rows):  # in the order of each family's first
        console.print(family, markup=False)
        for line in _lines((row for row in rows if row["family"] == family), first, last):
            console.print(line, soft_wrap=True, markup=False)
    console.print("* on this machine, o elsewhere")


def _lines(rows: Iterable[dict[str, Any]], first: date, last: date) -> Iterable[str]:
    days = max(1, (last - first).days)
    for row in rows:
        place = round((WIDTH - 1) * (date.fromisoformat(row["released"]) - first).days / days) if row["released"] else 0
        mark = "*" if row["here"] else "o"
        until = f", retires {row['retires']}" if row["retires"] else ""
        axis = "." * place + mark + "." * (WIDTH - 1 - place) if row["released"] else "release unknown".ljust(WIDTH)
        facts = f"{row['released'] or ''} {size_of(row['parameters'])}, {row['licence']}{until}"
        yield f"  {row['name']:<32}{axis}  {facts}"

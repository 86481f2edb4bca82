"""``spiritsafe failures``: what students could not or should not have answered, labelled and taken away."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from cyclopts import App
from rich.console import Console

from analytics.actors import at_terminal
from analytics.errors import InputError
from analytics.terminal import Common, emit, plain, table

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run what begins so
COLUMNS = (
    "failure_id", "task_id", "task", "student_id", "call_id", "reason", "cluster", "happened_at", "input_text",
    "student_output", "teacher_output", "detail", "right", "answer", "note", "labelled_by", "labelled_at",
)  # fmt: skip


def app() -> App:
    """The command group."""
    group = App(name="failures", help="Failures of students at work: list, groups, label, export.")
    group.command(list_, name="list")
    group.command(groups)
    group.command(label)
    group.command(export)
    return group


def list_(
    *,
    task: str | None = None,
    reason: str | None = None,
    everything: bool = False,
    limit: int = 200,
    common: Common | None = None,
) -> None:
    """Failures that nobody has labelled, newest first.

    Parameters
    ----------
    task
        Name or id of a task.
    reason
        unsure, unfamiliar, audit, schema, complaint, student-failed or student-slow.
    everything
        Labelled ones as well.
    limit
        At most so many.
    """
    from pipeline import failures

    common = common or Common()
    found = failures.queue(common.workspace, task, reason, not everything, limit)
    rows = [
        (row["failure_id"], row["task"], row["reason"], row["cluster"], _short(row["input_text"]),
         _short(row["student_output"]), _short(row["teacher_output"]), (row["label"] or {}).get("right"))
        for row in found
    ]  # fmt: skip
    columns = ["failure", "task", "reason", "cluster", "input", "student", "teacher", "right"]
    emit(common, found, lambda console: table(console, "Failures", columns, rows))


def groups(*, task: str | None = None, common: Common | None = None) -> None:
    """Failures by task, reason and cluster, the largest group first.

    Parameters
    ----------
    task
        Name or id of a task.
    """
    from pipeline import failures

    common = common or Common()
    found = failures.groups(common.workspace, task)
    rows = [
        (one["task"], one["reason"], one["cluster"], one["failures"], f"{one['share']:.0%}", one["labelled"],
         _short(one["example"]))
        for one in found
    ]  # fmt: skip
    columns = ["task", "reason", "cluster", "failures", "share", "labelled", "example"]
    emit(common, found, lambda console: table(console, "Groups of failures", columns, rows))


def label(
    failure_id: str,
    /,
    *,
    right: Literal["student", "teacher", "both", "neither", "skip"],
    answer: str | None = None,
    note: str | None = None,
    common: Common | None = None,
) -> None:
    """Say who was right about one failure; the newest label counts.

    Parameters
    ----------
    failure_id
        The failure.
    right
        Who gave the right answer; skip where it teaches nothing.
    answer
        The right answer, where neither gave it.
    note
        For whoever reads it later.
    """
    from pipeline import failures

    common = common or Common()
    made = failures.label(common.workspace, at_terminal(), failure_id, right, answer, note)
    emit(common, made, lambda console: console.print(f"{failure_id}: {right}"))


def export(
    *,
    to: Path,
    task: str | None = None,
    reason: str | None = None,
    unlabelled: bool = False,
    common: Common | None = None,
) -> None:
    """Write failures with their labels to a file: .jsonl, or .csv whose cells no spreadsheet will run.

    Parameters
    ----------
    to
        The file; its ending says the format.
    task
        Name or id of a task.
    reason
        As in ``failures list``.
    unlabelled
        Only those that nobody has labelled.
    """
    from pipeline import failures

    common = common or Common()
    write = {".jsonl": _write_jsonl, ".csv": _write_csv}.get(to.suffix)
    if write is None:
        raise InputError(f"--to ends in .jsonl or .csv, not {to.name!r}")
    found = failures.queue(common.workspace, task, reason, unlabelled, None)
    rows = [_flat(row) for row in found]
    try:
        to.touch(mode=0o600)
        write(to, rows)
    except OSError as error:
        raise InputError(f"{to}: cannot be written ({error.strerror or error})") from error
    said = {"file": str(to), "failures": len(rows), "labelled": sum(row["right"] is not None for row in rows)}
    emit(common, said, lambda console: _say(console, said))


def guarded(cell: object) -> object:
    """A cell that a spreadsheet takes for text: what would start a formula gets an apostrophe before it."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(FORMULA_STARTS) else cell


def _write_csv(file: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        writer.writerows([guarded(row[name]) for name in COLUMNS] for row in rows)


def _write_jsonl(file: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")


def _flat(failure: Mapping[str, Any]) -> dict[str, Any]:
    said = failure["label"] or {}
    row = {**failure, **{name: said.get(name) for name in ("right", "answer", "note")}}
    row |= {"labelled_by": said.get("actor"), "labelled_at": said.get("created_at")}
    return {name: plain(row[name]) for name in COLUMNS}


def _short(text: str | None, most: int = 60) -> str | None:
    return text if text is None or len(text) <= most else f"{text[: most - 1]}…"


def _say(console: Console, said: Mapping[str, object]) -> None:
    console.print(f"{said['failures']} failures, {said['labelled']} of them labelled, in {said['file']}", markup=False)

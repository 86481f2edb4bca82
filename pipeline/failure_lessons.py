"""Failures at work as lessons of the next round: immutable files, named by what they hold.

A label says what was right; without one the teacher's word on an audit counts, as every logged answer of the teacher
does. What has no answer yet can be asked for. Lessons train and never test.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analytics.errors import DataMissing
from analytics.segments import write_segment
from analytics.workspace import Workspace
from pipeline.artifacts import short_hash
from pipeline.examples import EXAMPLES
from pipeline.failure_labels import gold_of
from pipeline.periods import LESSON

FOLDER = "lessons"


@dataclass(frozen=True)
class Lessons:
    """What a task's failures teach."""

    name: str  # of the file; empty where there is none
    failures: int  # that wait in the queue
    labelled: int  # of them, with a label that says more than skip
    answered: int  # lessons
    open: tuple[str, ...]  # calls whose answer is to be asked for


def write_lessons(workspace: Workspace, failures: Sequence[Mapping[str, Any]], *, ask: bool) -> Lessons:
    """The file of these failures, written once. ask: keep what has no answer, for a teacher to give one."""
    labelled = sum(bool(one["label"]) and one["label"]["right"] != "skip" for one in failures)
    rows = {row["call_id"]: row for one in sorted(failures, key=_rank) if (row := _lesson(one)) is not None}
    kept = [rows[name] for name in sorted(rows) if ask or rows[name]["output_text"]]
    open_ = tuple(row["call_id"] for row in kept if not row["output_text"])
    if not kept:
        return Lessons("", len(failures), labelled, 0, ())
    name = short_hash(kept, 16)
    if not _file(workspace, name).exists():
        write_segment(workspace.home / FOLDER, f"{name}.parquet", pa.Table.from_pylist(kept, schema=EXAMPLES))
    return Lessons(name, len(failures), labelled, len(kept) - len(open_), open_)


def read_lessons(workspace: Workspace, name: str) -> pa.Table:
    """The lessons of that name. Raises DataMissing where the file is gone or another."""
    file = _file(workspace, name)
    if not file.exists():
        raise DataMissing(f"{file} is missing; plan the round again: spiritsafe iterate TASK")
    table = pq.read_table(file).cast(EXAMPLES)
    if short_hash(table.to_pylist(), 16) != name:
        raise DataMissing(f"{file} is not what was planned with; plan the round again: spiritsafe iterate TASK")
    return table


def with_lessons(calls: pa.Table, lessons: pa.Table) -> tuple[pa.Table, dict[str, object]]:
    """The log with the lessons beside it.

    A call that the log holds stays where its time puts it, so that no test row trains; it only learns what was right.
    """
    known = pc.is_in(lessons["call_id"], calls["call_id"].combine_chunks())
    added, told = lessons.filter(pc.invert(known)), lessons.filter(pc.and_(known, pc.is_valid(lessons["gold"])))
    right = dict(zip(told["call_id"].to_pylist(), told["gold"].to_pylist(), strict=True))
    gold = [
        right.get(call, was) for call, was in zip(calls["call_id"].to_pylist(), calls["gold"].to_pylist(), strict=True)
    ]
    place = calls.schema.get_field_index("gold")
    marked = calls.set_column(place, EXAMPLES.field("gold"), pa.array(gold, pa.string()))
    counts: dict[str, object] = {"lessons_from_failures": added.num_rows, "gold_from_failures": len(right)}
    return pa.concat_tables([marked, added]), counts


def _rank(failure: Mapping[str, Any]) -> tuple[bool, bool, str]:
    """Of several failures of one call the labelled one counts, then one that the teacher answered; it comes last."""
    return gold_of(failure) is not None, failure["teacher_output"] is not None, str(failure["failure_id"])


def _lesson(failure: Mapping[str, Any]) -> dict[str, Any] | None:
    """None where people said that it teaches nothing, or where nobody knows what was asked."""
    label, gold = failure["label"], gold_of(failure)
    if not (failure["input_text"] or "").strip() or (label is not None and gold is None):
        return None
    answer = gold if gold is not None else failure["teacher_output"]
    row: dict[str, Any] = dict.fromkeys(EXAMPLES.names)
    return row | {
        "call_id": failure["call_id"], "input_text": failure["input_text"], "output_text": answer, "gold": gold,
        "status": "success" if answer else "failure", "error_class": None if answer else "unanswered",
        "is_truncated": False, "is_retry": False, "weight": 1.0, "role": LESSON,
    }  # fmt: skip


def _file(workspace: Workspace, name: str) -> Any:
    return workspace.home / FOLDER / f"{name}.parquet"

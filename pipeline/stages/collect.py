"""The examples of a run in one table: the newest calls of the task, or the pairs."""

import random
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analytics.errors import DataMissing
from analytics.workspace import Workspace
from pipeline.contracts import PairsSource, PlanSpec, StageInputs, StageResult
from pipeline.examples import EXAMPLES, as_examples
from pipeline.failure_lessons import read_lessons, with_lessons
from pipeline.source import require_unchanged
from pipeline.tabular import column_text, read_rows

SERVED = "served.parquet"  # when a student answered, and what it was asked


def run(spec: PlanSpec, inputs: StageInputs, out: Path) -> StageResult:
    """Write ``examples.parquet``, oldest first."""
    workspace = Workspace(inputs.home)
    require_unchanged(workspace, spec)
    if spec.pairs:
        found, detail = _pairs(spec.pairs, spec)
    else:
        found, served, detail = _calls(workspace, spec)
        pq.write_table(served, out / SERVED, compression="zstd")
    if not found.num_rows:
        raise DataMissing(f"{spec.task_name} has no calls that a teacher answered")
    pq.write_table(found, out / "examples.parquet", compression="zstd")
    return StageResult(found.num_rows, found.num_rows, detail)


def _calls(workspace: Workspace, spec: PlanSpec) -> tuple[pa.Table, pa.Table, dict[str, object]]:
    """The newest calls, and the inputs of those that a student answered.

    A student's own answers are left out: it must not learn from itself. Where the teacher was asked as well (audits),
    the teacher's answer stands in their place. What a student answered is traffic all the same: without its inputs the
    rest would look like another task, since only what is hard reaches the teacher.
    """
    from analytics import api

    if spec.task_id is None:
        raise DataMissing("the plan names neither a task nor pairs")
    calls = api.task_calls(workspace, spec.task_id)
    by_student = pc.equal(pc.fill_null(calls["served_by"], "teacher"), "student")
    audited = audited_calls(calls.filter(by_student), api.audited_answers(workspace, spec.task_id))
    taught = pa.concat_tables([calls.filter(pc.invert(by_student)), audited]).sort_by(
        [("requested_at", "ascending"), ("call_id", "ascending")]
    )
    served = calls.filter(by_student).select(["requested_at", "input_text"])
    newest = taught.slice(max(0, taught.num_rows - spec.max_rows))
    table = newest.append_column("role", pa.array(["log"] * newest.num_rows, pa.string()))
    detail: dict[str, object] = {
        "calls": calls.num_rows,
        "answered_by_student": served.num_rows,
        "of_these_audited": audited.num_rows,
        "older_than_max_rows": taught.num_rows - newest.num_rows,
    }
    if not spec.lessons:
        return as_examples(table), served, detail
    both, counts = with_lessons(as_examples(table), read_lessons(workspace, spec.lessons))
    return both, served, detail | counts


def audited_calls(calls: pa.Table, audits: pa.Table) -> pa.Table:
    """A student's calls that were audited, with the teacher's answer, each standing for 1 / propensity of them."""
    told = {row["call_id"]: row for row in audits.to_pylist() if row["propensity"]}
    kept = calls.filter(pa.array([call_id in told for call_id in calls["call_id"].to_pylist()], pa.bool_()))
    found = [told[call_id] for call_id in kept["call_id"].to_pylist()]
    outputs = [
        said if row["agrees"] else row["teacher_output"]
        for said, row in zip(kept["output_text"].to_pylist(), found, strict=True)
    ]
    weights = [
        (weight or 1.0) / row["propensity"] for weight, row in zip(kept["weight"].to_pylist(), found, strict=True)
    ]
    for name, column in (("output_text", pa.array(outputs, pa.string())), ("weight", pa.array(weights, pa.float64()))):
        kept = kept.set_column(kept.schema.get_field_index(name), kept.schema.field(name), column)
    return kept


def _pairs(pairs: PairsSource, spec: PlanSpec) -> tuple[pa.Table, dict[str, object]]:
    train = _rows_of(pairs, pairs.path, "pairs-train")
    kept = train if len(train) <= spec.max_rows else _sample(train, spec)
    test = _rows_of(pairs, pairs.test_path, "pairs-test") if pairs.test_path else []
    detail: dict[str, object] = {"pairs": len(train), "left_out_by_max_rows": len(train) - len(kept), "test": len(test)}
    return pa.Table.from_pylist([*kept, *test], schema=EXAMPLES), detail


def _sample(rows: list[dict[str, object]], spec: PlanSpec) -> list[dict[str, object]]:
    """Pairs have no time, so no newest part: a seeded sample, in the order of the file."""
    chosen = random.Random(spec.seed).sample(range(len(rows)), spec.max_rows)
    return [rows[index] for index in sorted(chosen)]


def _rows_of(pairs: PairsSource, path: str, role: str) -> list[dict[str, object]]:
    return [
        _example(pairs, row, f"{path}, row {number}", role, number) for number, row in enumerate(read_rows(path), 1)
    ]


def _example(pairs: PairsSource, row: object, where: str, role: str, number: int) -> dict[str, object]:
    assert isinstance(row, dict)
    text = column_text(row, pairs.input_column, where)
    answer = column_text(row, pairs.output_column, where)
    complete = bool(text and text.strip() and answer and answer.strip())
    return {
        "call_id": f"{role}-{number:08d}",
        "input_text": text,
        "output_text": answer,
        "gold": column_text(row, pairs.gold_column, where) if pairs.gold_column else None,
        "status": "success" if complete else "failure",
        "error_class": None if complete else "empty_text",
        "is_truncated": False,
        "is_retry": False,
        "weight": 1.0,
        "role": role,
    }

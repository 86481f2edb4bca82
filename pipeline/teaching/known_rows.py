"""The rows that a plan would teach from, read before the run so that it can be priced."""

from analytics.workspace import Workspace
from pipeline.contracts import PlanSpec
from pipeline.failure_lessons import read_lessons
from pipeline.tabular import column_text, read_rows
from pipeline.teaching.estimate import Known


def known_rows(workspace: Workspace, spec: PlanSpec) -> list[Known]:
    """As the collect stage will find them, newest last."""
    return _pairs(spec) if spec.pairs else _calls(workspace, spec)


def _calls(workspace: Workspace, spec: PlanSpec) -> list[Known]:
    from analytics import api

    calls = api.task_calls(workspace, str(spec.task_id))
    columns = ("input_text", "system_prompt", "output_text", "gold", "latency_ms", "served_by")
    rows = calls.select([name for name in columns if name in calls.column_names]).to_pylist()
    found = [
        Known(
            row["input_text"],
            row.get("system_prompt"),
            row["output_text"],
            row.get("gold") is not None,
            row.get("latency_ms"),
        )
        for row in rows
        if row.get("served_by") != "student" and (row["input_text"] or "").strip()
    ]
    return [*found[max(0, len(found) - spec.max_rows) :], *_lessons(workspace, spec)]


def _lessons(workspace: Workspace, spec: PlanSpec) -> list[Known]:
    rows = read_lessons(workspace, spec.lessons).to_pylist() if spec.lessons else []
    return [Known(row["input_text"], None, row["output_text"], row["gold"] is not None, None) for row in rows]


def _pairs(spec: PlanSpec) -> list[Known]:
    assert spec.pairs is not None
    pairs, found = spec.pairs, []
    for path in (pairs.path, pairs.test_path):
        for number, row in enumerate(read_rows(path) if path else (), 1):
            where = f"{path}, row {number}"
            text, answer = (column_text(row, column, where) for column in (pairs.input_column, pairs.output_column))
            gold = column_text(row, pairs.gold_column, where) if pairs.gold_column else None
            if text and text.strip():
                found.append(Known(text, None, answer, bool(gold), None))
    return found

"""Collecting: the newest calls of a task, or pairs, in one table."""

import json

import pyarrow.parquet as pq
import pytest

from analytics.errors import DataMissing, InputError
from pipeline.contracts import PairsSource, PlanSpec, StageInputs
from pipeline.examples import EXAMPLES
from pipeline.source import current_version
from pipeline.stages import collect


@pytest.fixture
def run_collect(workspace, tmp_path):
    def run(spec):
        out = tmp_path / "out"
        out.mkdir(exist_ok=True)
        result = collect.run(spec, StageInputs(workspace.home, "run_1", {}), out)
        return result, pq.read_table(out / "examples.parquet")

    return run


def task_spec(**more):
    return PlanSpec("task-1", "support", "data-1", **more)


def test_the_newest_calls_are_kept_with_failures_and_without_a_student_s_own_answers(log, run_collect):
    for number in range(10):
        log.add(served_by="student" if number == 9 else None, status="failure" if number == 8 else "success")
    result, table = run_collect(task_spec(max_rows=4))
    assert table.schema.equals(EXAMPLES)
    assert table["call_id"].to_pylist() == [f"call-{n:05d}" for n in (5, 6, 7, 8)]
    assert table["status"].to_pylist()[-1] == "failure"
    assert set(table["role"].to_pylist()) == {"log"}
    assert result.detail == {"calls": 10, "answered_by_student": 1, "of_these_audited": 0, "older_than_max_rows": 5}


def test_a_student_s_audited_answers_teach_what_the_teacher_said_at_their_weight(log, run_collect, tmp_path):
    for _ in range(3):
        log.add(served_by="student", output_text="lost")
    log.add()
    log.audits = [
        {"call_id": "call-00000", "agrees": True, "propensity": 0.01, "teacher_output": None},
        {"call_id": "call-00001", "agrees": False, "propensity": 0.1, "teacher_output": "found"},
    ]
    result, table = run_collect(task_spec())
    rows = {row["call_id"]: row for row in table.to_pylist()}
    assert set(rows) == {"call-00000", "call-00001", "call-00003"}
    assert (rows["call-00000"]["output_text"], rows["call-00000"]["weight"]) == ("lost", 100.0)
    assert (rows["call-00001"]["output_text"], rows["call-00001"]["weight"]) == ("found", 10.0)
    assert result.detail["of_these_audited"] == 2
    assert pq.read_table(tmp_path / "out" / collect.SERVED).num_rows == 3


def test_a_log_that_changed_since_the_plan_is_refused(log, run_collect):
    log.add()
    log.version = "data-2"
    with pytest.raises(DataMissing, match="imported calls changed since the plan was made"):
        run_collect(task_spec())


def test_a_task_without_answers_is_missing_data(log, run_collect):
    log.add(served_by="student")
    with pytest.raises(DataMissing, match="support has no calls"):
        run_collect(task_spec())


@pytest.fixture
def pairs_spec(workspace, tmp_path):
    def make(max_rows=1000, **columns):
        path, test_path = tmp_path / "pairs.jsonl", tmp_path / "test.jsonl"
        rows = [{"q": f"question {n}", "a": "yes" if n % 2 else None, "truth": "yes"} for n in range(6)]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
        test_path.write_text(json.dumps(rows[1]) + "\n")
        pairs = PairsSource(str(path), columns.get("q", "q"), "a", "truth", str(test_path))
        spec = PlanSpec(None, "pairs", "", pairs=pairs, max_rows=max_rows)
        return PlanSpec(**{**vars(spec), "data_version": current_version(workspace, spec)})

    return make


def test_pairs_become_examples_without_time(run_collect, pairs_spec):
    result, table = run_collect(pairs_spec())
    assert table.schema.equals(EXAMPLES)
    assert table["role"].to_pylist() == ["pairs-train"] * 6 + ["pairs-test"]
    assert table["requested_at"].null_count == table["cost_usd"].null_count == 7
    assert table["status"].to_pylist() == ["failure", "success"] * 3 + ["success"]
    assert set(table["gold"].to_pylist()) == {"yes"}
    assert result.detail["test"] == 1


def test_too_many_pairs_are_sampled_the_same_way_each_time(run_collect, pairs_spec):
    first, second = (run_collect(pairs_spec(max_rows=3))[1] for _ in range(2))
    assert first.equals(second)
    assert first.num_rows == 4
    assert first["call_id"].to_pylist()[:3] == sorted(first["call_id"].to_pylist()[:3])


def test_a_missing_column_of_the_pairs_names_the_known(run_collect, pairs_spec):
    with pytest.raises(InputError, match="no column 'prompt'; there are: q, a, truth"):
        run_collect(pairs_spec(q="prompt"))

"""From a registered student to the plan of its next round, and to the parity of what was exported."""

import json
import random
from types import SimpleNamespace

import pytest
from cyclopts import App
from made_up import desk

from analytics.errors import DataMissing, InputError, UnknownName
from pipeline import api, cli, lease, run, views, worker
from pipeline.evaluated import open_evaluated, stage_folder
from pipeline.examples import ROWS, read_table
from pipeline.iterate import next_round
from pipeline.plan import load_spec
from tests.support.traffic import APPROVER, Traffic


@pytest.fixture
def a_student(workspace, log):
    """Made of 900 calls; the teacher errs now and then, and one answer is rare."""
    inputs, topics = desk(900, ("pin", "fees", "travel", "refund"), 3)
    draw = random.Random(5)
    for text, topic in zip(inputs, topics, strict=True):
        log.add(
            input_text=f"{text} {draw.randrange(99)}", output_text=topic if draw.random() > 0.05 else "pin", gold=topic
        )
    made = api.plan(workspace, api.Recipe(alpha=0.2), "support")
    launched = run.launch(workspace, made.plan_id, lambda home, run_id: lease.this_process())
    assert worker.execute(workspace, launched.run_id) == 0
    return views.show_run(workspace, launched.run_id).student_id


@pytest.fixture
def command(workspace, capsys):
    def call(*arguments):
        app = App(name="spiritsafe", result_action="return_value")
        cli.mount(app)
        capsys.readouterr()
        code = app([*map(str, arguments), "--home", str(workspace.home), "--json"], exit_on_error=False)
        return code, json.loads(capsys.readouterr().out)

    return call


def test_the_next_round_asks_again_for_what_misled(workspace, a_student):
    made = next_round(workspace, "support", teacher="openai/gpt-4o-mini", rows=25)
    assert made.student_id == a_student and made.is_new
    assert 0 < made.relabel_rows <= 25 and made.max_spend_usd >= made.cost_p90_usd > 0
    spec = load_spec(workspace, made.plan_id)
    assert spec.teaching.jobs[0] == "relabel" and len(spec.teaching.focus) == made.relabel_rows
    assert "no failure at work yet" in made.why and any("failures" in line for line in made.why)
    learned = set(spec.teaching.focus)
    tested = {
        one
        for one, new in zip(
            *[getattr(open_evaluated(workspace, a_student).compared, name) for name in ("call_ids", "is_new")],
            strict=True,
        )
        if new
    }
    assert not learned & tested


def test_without_a_teacher_or_newer_calls_nothing_changes(workspace, a_student, log):
    made = next_round(workspace, a_student)
    assert not made.is_new and any("nothing would change" in line for line in made.why)
    log.version = "data-2"
    assert next_round(workspace, a_student).is_new


def test_failures_at_work_become_lessons_of_the_next_round(workspace, a_student, log):
    rule = SimpleNamespace(student_id=a_student, task_id="task-1")
    traffic = Traffic(workspace, rule)
    for number in range(6):
        traffic.failure(f"served-{number}", "audit", student="pin", teacher="fees")
    traffic.failure("served-6", "complaint", student="pin", teacher=None)
    in_the_log = log.rows[-1]["call_id"]  # among the newest, so a test row of the next round
    traffic.failure(in_the_log, "unsure", student="pin", teacher="fees")
    traffic.settle()
    api.label_failure(workspace, APPROVER, "failure-0", "neither", "travel")
    api.label_failure(workspace, APPROVER, "failure-1", "skip")
    api.label_failure(workspace, APPROVER, "failure-7", "student")
    made = next_round(workspace, "support")
    assert made.is_new and (made.failure_lessons, made.failures_to_ask) == (6, 0)
    assert "8 failures at work, 2 labelled" in made.router_queue
    asked = next_round(workspace, "support", teacher="openai/gpt-4o-mini")
    spec = load_spec(workspace, asked.plan_id)
    assert asked.failures_to_ask == 1 and "label" in spec.teaching.jobs and "served-6" in spec.teaching.focus
    launched = run.launch(workspace, made.plan_id, lambda home, run_id: lease.this_process())
    assert worker.execute(workspace, launched.run_id) == 0
    folder = stage_folder(workspace, launched.run_id, "filter")
    rows = {row["call_id"]: row for row in read_table(folder / "rows.parquet", ROWS).to_pylist()}
    lessons = {name: row for name, row in rows.items() if row["role"] == "lesson"}
    assert set(lessons) == {"served-0", "served-2", "served-3", "served-4", "served-5"}
    assert {row["period"] for row in lessons.values()} == {"train"}
    assert lessons["served-0"]["output_text"] == "travel" and lessons["served-2"]["output_text"] == "fees"
    assert rows[in_the_log]["period"] == "test" and rows[in_the_log]["gold"] == "pin"
    assert next_round(workspace, launched_student(workspace, launched)).is_new is False


def launched_student(workspace, launched):
    return views.show_run(workspace, launched.run_id).student_id


def test_iterate_names_what_is_not_there(workspace, log):
    with pytest.raises(UnknownName, match="task or student"):
        next_round(workspace, "nobody")
    with pytest.raises(DataMissing, match="no student yet"):
        next_round(workspace, "support")


def test_iterate_and_parity_on_the_command_line(command, a_student, tmp_path):
    code, made = command("iterate", "support")
    assert code is None and made["student_id"] == a_student
    rows = tmp_path / "rows.jsonl"
    code, written = command("students", "parity", a_student, "--write-inputs", rows)
    asked = [json.loads(line) for line in rows.read_text().splitlines()]
    assert code == 0 and written["rows"] == len(asked) and set(asked[0]) == {"call_id", "input"}


def test_parity_on_the_command_line(command, workspace, a_student, tmp_path):
    compared = open_evaluated(workspace, a_student).compared
    file = tmp_path / "served.jsonl"
    pairs = list(zip(compared.call_ids, compared.said, strict=True))
    file.write_text("".join(json.dumps({"call_id": one, "output": said}) + "\n" for one, said in pairs))
    code, made = command("students", "parity", a_student, "--against", file)
    assert code == 0 and made["equal"] == made["n"] == len(pairs)
    file.write_text("".join(json.dumps({"call_id": one, "output": "else"}) + "\n" for one, _ in pairs))
    code, made = command("students", "parity", a_student, "--against", file)
    assert code == 4 and made["check"]["passed"] is False
    with pytest.raises(InputError, match="--against"):
        command("students", "parity", a_student)


def test_the_card_shows_the_gate_and_what_comes_next(workspace, a_student):
    card = api.student(workspace, a_student)
    assert card["gate"]["passed"] in (True, False, None) and card["gate"]["checks"]
    assert json.loads((workspace.students / a_student / "evaluation.json").read_text())["gate"] == card["gate"]
    assert card["cost_per_1000"]["teacher"]["usd"] == pytest.approx(10) and card["cost_per_1000"]["student"]["usd"] > 0
    assert card["learning_curve"]["points"] and sum(mode["failures"] for mode in card["failure_modes"]) > 0
    assert card["calibration_scores"][0]["n"] == card["agreement"]["n"]

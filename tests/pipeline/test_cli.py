"""The commands: JSON on stdout with the documented keys, and exit codes."""

import json
import subprocess
import sys

import pytest
from cyclopts import App

from analytics.errors import DataMissing, InputError, UnknownName
from pipeline import cli, launchers

RUN_KEYS = {
    *("run_id", "state", "stage", "progress", "spent_usd", "cap_usd", "eta_s", "started_at", "ended_at", "error"),
    *("stages", "student_id", "task", "plan_id"),
}


@pytest.fixture
def spiritsafe(workspace, capsys):
    """Runs one command with --json; returns its exit code and the JSON document."""
    app = App(name="spiritsafe", result_action="return_value")
    cli.mount(app)

    def call(*arguments, json_out=True):
        code = app([*arguments, "--home", str(workspace.home), *(["--json"] if json_out else [])], exit_on_error=False)
        out = capsys.readouterr().out
        return (code or 0), (json.loads(out) if json_out and out else out)

    return call


@pytest.fixture
def fake_launcher(monkeypatch, start):
    monkeypatch.setattr(launchers, "find", lambda name: start)


@pytest.fixture
def plan_id(spiritsafe, pairs_file):
    code, made = spiritsafe(
        "plan", "--pairs", str(pairs_file), "--input", "question", "--output", "answer", "--cap", "3"
    )
    assert code == 0
    return made["plan_id"]


def test_plan_prints_the_documented_keys(spiritsafe, pairs_file):
    arguments = ["plan", "--pairs", str(pairs_file), "--input", "question", "--output", "answer"]
    _, made = spiritsafe(*arguments, "--alpha", "0.05", "--features", "sentence", "--seed", "9", "--max-rows", "30")
    assert {"plan_id", "stages", "cost_usd", "seconds", "rows"} <= made.keys()
    assert made["cost_usd"] == {"p50": 0, "p90": 0}
    assert {"name", "does", "rows", "seconds"} <= made["stages"][0].keys()
    spec = made["spec"]
    assert (spec["alpha"], spec["features"], spec["seed"], spec["max_rows"]) == (0.05, "sentence", 9, 30)


def test_plan_for_a_task(spiritsafe, log):
    log.add()
    _, made = spiritsafe("plan", "support")
    assert (made["task_id"], made["task_name"], made["rows"]) == ("task-1", "support", 1)


def test_launch_and_look_at_the_run(spiritsafe, plan_id, fake_launcher):
    code, launched = spiritsafe("launch", plan_id, "--wait")
    assert (code, launched["state"]) == (0, "succeeded") and launched["student_id"]
    _, shown = spiritsafe("runs", "show", launched["run_id"])
    assert shown.keys() >= RUN_KEYS
    assert (shown["cap_usd"], shown["progress"], shown["plan_id"]) == (3, 1, plan_id)
    _, listed = spiritsafe("runs", "list")
    assert listed == [shown]
    assert spiritsafe("runs", "watch", launched["run_id"]) == (0, shown)
    _, log = spiritsafe("runs", "log", launched["run_id"], "--lines", "1")
    assert log["lines"][0].endswith(f"succeeded: student {launched['student_id']}")


@pytest.mark.parametrize(("error", "exit_code"), [("QualityGateFailed", 4), ("DataMissing", 3), ("BudgetReached", 5)])
def test_launch_waits_and_ends_with_the_code_of_what_stopped_the_run(
    spiritsafe, workspace, plan_id, fake_launcher, error, exit_code
):
    (workspace.home / "fail-calibrate").write_text(error)
    code, launched = spiritsafe("launch", plan_id, "--wait")
    assert (code, launched["state"], launched["student_id"]) == (exit_code, "failed", None)
    assert launched["error"] == "calibrate would not do"


def test_stop_and_resume(spiritsafe, plan_id, fake_launcher, hold):
    held = hold("train")
    _, launched = spiritsafe("launch", plan_id)
    _, stopped = spiritsafe("runs", "stop", launched["run_id"])
    assert stopped["state"] == "cancelled"
    held.unlink()
    code, resumed = spiritsafe("runs", "resume", launched["run_id"], "--wait")
    assert (code, resumed["state"]) == (0, "succeeded")


def test_tables_for_people_name_the_next_step(spiritsafe, pairs_file, fake_launcher):
    arguments = ["plan", "--pairs", str(pairs_file), "--input", "question", "--output", "answer"]
    _, text = spiritsafe(*arguments, json_out=False)
    plan_id = text.split("spiritsafe launch ")[1].split()[0]
    _, text = spiritsafe("launch", plan_id, "--wait", json_out=False)
    assert "succeeded" in text and "spiritsafe students show head-" in text


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["plan"], InputError),
        (["plan", "--input", "x"], InputError),
        (["plan", "--pairs", "x.csv", "--input", "x"], InputError),
        (["plan", "--pairs", "nowhere.csv", "--input", "x", "--output", "y"], DataMissing),
        (["launch", "plan_none"], UnknownName),
        (["runs", "show", "run_none"], UnknownName),
        (["students", "show", "head-none"], UnknownName),
        (["replay", "head-none"], UnknownName),
    ],
)
def test_what_cannot_be_is_an_error_with_its_code(spiritsafe, plan_id, arguments, error):
    with pytest.raises(error):
        spiritsafe(*arguments)


@pytest.mark.parametrize("module", ["pipeline.api", "pipeline.cli"])
def test_starting_a_command_imports_no_heavy_library(module):
    heavy = ("torch", "transformers", "sklearn", "scipy", "duckdb", "pandas", "streamlit")
    script = f"import sys, {module}; print([name for name in {heavy!r} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"

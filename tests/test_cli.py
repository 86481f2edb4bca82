"""The command line as other programs use it: keys of --json, exit codes, stdout for data alone."""

import json
import shutil

import pytest

from tests.loglines import START, spend_row, write_jsonl


@pytest.fixture
def home(mail_home, tmp_path):
    shutil.copytree(mail_home, tmp_path / "home")
    return tmp_path / "home"


def document(result):
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_import_prints_its_accounts(spiritsafe, tmp_path):
    log = write_jsonl(tmp_path / "log.jsonl", [spend_row(1, START), spend_row(1, START), spend_row(2, START, spend=-1)])
    found = document(spiritsafe("import", log, "--home", tmp_path / "new", "--json"))
    assert {"rows_in", "calls", "duplicates", "quarantined", "files", "seconds"} <= set(found)
    assert found["rows_in"] == 3 == found["calls"] + found["duplicates"] + found["quarantined"]


def test_import_goes_on_after_a_bad_file_and_ends_with_three(spiritsafe, tmp_path):
    log = write_jsonl(tmp_path / "log.jsonl", [spend_row(1, START)])
    (tmp_path / "bad.jsonl").write_bytes(b"")
    result = spiritsafe("import", tmp_path / "bad.jsonl", log, "--home", tmp_path / "new", "--json")
    assert result.returncode == 3 and json.loads(result.stdout)["calls"] == 1
    assert "bad.jsonl" in result.stderr


def test_analyze_prints_what_it_covered(spiritsafe, home):
    found = document(spiritsafe("analyze", "--home", home, "--json"))
    assert {"snapshot", "calls", "tasks", "spend_usd", "unpriced_calls", "seconds"} <= set(found)
    assert found["tasks"] == 1 and found["calls"] == 3_000


def test_tasks_print_verdicts_and_predictions(spiritsafe, home):
    (task,) = document(spiritsafe("tasks", "--home", home, "--json"))
    keys = {
        "task_id",
        "name",
        "found_by",
        "calls",
        "monthly_spend_usd",
        "monthly_calls",
        "verdict",
        "predicted_agreement",
    }
    assert keys <= set(task)
    assert {"value", "low", "high"} <= set(task["predicted_agreement"])


def test_brief_prints_its_figures_and_can_fail_a_script(spiritsafe, home):
    (task,) = document(spiritsafe("tasks", "--home", home, "--json"))
    found = document(spiritsafe("brief", task["task_id"], "--home", home, "--json"))
    assert {"verdict", "reasons", "flip_values", "alternatives", "npv_24m_usd", "payback_months"} <= set(found)
    other = "wait" if found["verdict"] != "wait" else "pilot"
    assert spiritsafe("brief", task["task_id"], "--home", home, "--fail-unless", other).returncode == 4


def test_sql_prints_rows(spiritsafe, home):
    assert document(spiritsafe("sql", "select count(*) as n from calls", "--home", home, "--json")) == [{"n": 3_000}]


def test_what_if_needs_no_log(spiritsafe, tmp_path):
    found = document(spiritsafe("whatif", "--set", "monthly_spend_usd=20000", "--home", tmp_path / "none", "--json"))
    assert found["npv_24m_usd"] == pytest.approx(46368.48769855, abs=1e-6)


def test_doctor_tells_where_settings_come_from(spiritsafe, home):
    found = document(spiritsafe("doctor", "--home", home, "--json"))
    assert {"name", "ok", "value", "source"} <= set(found[0])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["tasks"], 3),
        (["import", "nowhere.jsonl"], 3),
        (["brief", "x"], 3),
        (["whatif", "--set", "spend=1"], 2),
        (["whatif", "--set", "monthly_spend_usd=nan"], 2),
        (["nonsense"], 2),
        (["import"], 2),
        (["import", "pyproject.toml", "--sample-rate", "7"], 2),
        (["sql", "select 1 from", "--home", "."], 2),
    ],
)
def test_exit_codes(spiritsafe, tmp_path, arguments, code):
    if "--home" in arguments:
        arguments[-1] = str(tmp_path)
    else:
        arguments = [*arguments, "--home", str(tmp_path / "none")]
    result = spiritsafe(*arguments)
    assert result.returncode == code, result.stderr
    assert result.stdout == "" and result.stderr.strip()
    assert "Traceback" not in result.stderr


def test_the_home_of_the_environment_is_used(spiritsafe, home):
    import os

    result = spiritsafe("tasks", "--json", env={**os.environ, "SPIRITSAFE_HOME": str(home)})
    assert len(document(result)) == 1


def test_no_command_start_loads_a_heavy_library(spiritsafe):
    import subprocess
    import sys

    script = "import sys, spiritsafe; spiritsafe.build(); print([m for m in ('torch', 'transformers', 'sklearn', 'streamlit', 'litellm') if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()
        == "[]"
    )


def test_help_names_every_command(spiritsafe):
    shown = spiritsafe("--help").stdout
    for command in (
        "import",
        "analyze",
        "tasks",
        "brief",
        "report",
        "whatif",
        "prices",
        "plan",
        "launch",
        "runs",
        "students",
        "replay",
        "dashboard",
        "sql",
        "demo",
        "doctor",
    ):
        assert command in shown

"""What people decide on the command line holds in the next analysis."""

import json

import pytest

from analytics.analyze import analyze
from analytics.cli import mount
from analytics.ingest import import_files
from analytics.workspace import Workspace
from tests.analytics.tasks.test_discover import rewritten
from tests.loglines import write_jsonl


@pytest.fixture
def run(tmp_path, capsys):
    """Run one command line in the process; returns the JSON that it printed."""
    from cyclopts import App

    app = App(name="spiritsafe", result_action="return_value")
    mount(app)

    def command(*words):
        app([*words, "--home", str(tmp_path / "home"), "--json"], exit_on_error=False)
        return json.loads(capsys.readouterr().out)

    return command


def test_a_name_that_people_gave_is_listed_until_they_take_it_back(run, tmp_path):
    workspace = Workspace(tmp_path / "home")
    import_files(workspace, [str(write_jsonl(tmp_path / "log.jsonl", rewritten(200)))])
    analyze(workspace)
    (task,) = run("tasks")
    said = run("tasks", "rename", task["task_id"], "post room")
    assert (said["kind"], said["task"], said["other"]) == ("rename", task["task_id"], "post room")
    analyze(workspace)
    assert [row["name"] for row in run("tasks")] == ["post room"]
    assert [edit["kind"] for edit in run("tasks", "edits")] == ["rename"]
    assert run("tasks", "undo")["kind"] == "rename"
    assert run("tasks", "edits") == []


def test_each_correction_names_the_task_that_it_is_about(run, tmp_path):
    workspace = Workspace(tmp_path / "home")
    import_files(workspace, [str(write_jsonl(tmp_path / "log.jsonl", rewritten(200)))])
    analyze(workspace)
    (task,) = run("tasks")
    run("tasks", "split", task["name"], "--by", "model")
    run("tasks", "pin", task["task_id"])
    run("tasks", "merge", task["task_id"], task["name"])
    assert {edit["task"] for edit in run("tasks", "edits")} == {task["task_id"]}

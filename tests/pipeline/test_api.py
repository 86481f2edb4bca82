"""What the dashboard asks of the pipeline."""

import time

import pytest

from analytics.actors import at_terminal
from analytics.terminal import plain
from pipeline import api, launchers
from pipeline.contracts import PairsSource


@pytest.fixture
def launched(workspace, pairs_file, start, monkeypatch):
    monkeypatch.setattr(launchers, "find", lambda name: start)
    made = api.plan(workspace, api.Recipe(), pairs=PairsSource(str(pairs_file), "question", "answer"))
    return api.launch(workspace, at_terminal(), made.plan_id)


def test_a_run_is_launched_seen_and_its_student_listed(workspace, launched, until):
    until(launched.run_id, lambda view: view.state == "succeeded")
    (run,) = api.runs(workspace)
    assert run == api.show_run(workspace, launched.run_id)
    assert plain(run)["student_id"] == run.student_id
    assert api.log_tail(workspace, run.run_id)[-1].endswith(run.student_id)
    (card,) = api.students(workspace)
    assert card == api.student(workspace, run.student_id)
    assert api.ledger(workspace) == []


def test_stop_returns_at_once_and_resume_goes_on(workspace, hold, launched, until):
    hold("register").unlink()
    asked_s = time.monotonic()
    api.stop(workspace, at_terminal(), launched.run_id)
    assert time.monotonic() - asked_s < 1
    until(launched.run_id, lambda view: view.state in ("cancelled", "succeeded"))
    api.resume(workspace, at_terminal(), launched.run_id)
    until(launched.run_id, lambda view: view.state == "succeeded")

"""Every launcher is found by name; the local one lets go of what it starts."""

import os
import sys
import time

import pytest

from analytics.errors import UnknownName
from pipeline import launchers, lease
from pipeline.launchers import local


def test_every_launcher_has_a_start():
    assert "local" in launchers.names()
    assert all(callable(launchers.find(name)) for name in launchers.names())


def test_an_unknown_launcher_lists_the_known():
    with pytest.raises(UnknownName, match="local"):
        launchers.find("moon")


def test_the_local_worker_has_its_own_session_no_input_and_a_log(workspace):
    script = "import os, sys; print(os.getsid(0) == os.getpid(), repr(sys.stdin.read()), 'to the log', flush=True)"
    owner = local.spawn(workspace, "run_1", [sys.executable, "-c", script])
    assert owner.pid != os.getpid()
    deadline_s = time.monotonic() + 20
    while lease.process_lives(owner) and time.monotonic() < deadline_s:
        time.sleep(0.02)
    assert (workspace.runs / "run_1" / local.LOG).read_text() == "True '' to the log\n"


def test_the_local_worker_runs_the_hidden_command(workspace, monkeypatch):
    asked = []
    monkeypatch.setattr(local, "spawn", lambda home, run_id, command: asked.append(command))
    local.start(workspace, "run_1")
    assert asked == [[sys.executable, "-m", "spiritsafe", "runs", "exec", "run_1", "--home", str(workspace.home)]]

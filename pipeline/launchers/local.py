"""Starts a worker on this machine, detached from the terminal and from the process that asked."""

import subprocess
import sys
import threading
from collections.abc import Sequence

from analytics.workspace import Workspace
from pipeline.lease import Owner, owner_of

LOG = "log.txt"


def start(workspace: Workspace, run_id: str) -> Owner:
    """Run ``spiritsafe runs exec RUN`` in a session of its own."""
    command = [sys.executable, "-m", "spiritsafe", "runs", "exec", run_id, "--home", str(workspace.home)]
    return spawn(workspace, run_id, command)


def spawn(workspace: Workspace, run_id: str, command: Sequence[str]) -> Owner:
    """Start ``command`` with no terminal and no input; what it prints goes to the run's log."""
    folder = workspace.runs / run_id
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / LOG).open("ab") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd=folder
        )
    owner = owner_of(process.pid)
    # A long-lived caller must collect its ended children, or they would linger in the process table.
    threading.Thread(target=process.wait, name=f"reap-{run_id}", daemon=True).start()
    return owner

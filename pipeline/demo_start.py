"""The demo in a process of its own, for somebody who has no terminal: started once, followed by its log."""

import json
import subprocess
import sys
from contextlib import suppress
from typing import Literal

from analytics.actors import Actor, log_action, require
from analytics.record import Record
from analytics.workspace import Workspace
from pipeline import lease
from pipeline.lease import Owner

LOG, OWNER = "demo.log", "demo.json"
State = Literal["none", "running", "failed", "done"]


def start(workspace: Workspace, actor: Actor) -> None:
    """Run ``spiritsafe demo`` detached; nothing where it runs already. Raises InputError for a viewer."""
    require(actor, "operator", "loading the sample log")
    with Record(workspace).write() as connection:  # the lock keeps a second click out
        if state(workspace) == "running":
            return
        command = [sys.executable, "-m", "spiritsafe", "demo", "--home", str(workspace.home)]
        with (workspace.home / LOG).open("w") as log:
            process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True
            )
        (workspace.home / OWNER).write_text(json.dumps(vars(lease.owner_of(process.pid))), "utf-8")
        log_action(connection, actor, "demo", str(workspace.home))


def state(workspace: Workspace) -> State:
    """What became of it, told from its process and from what it left."""
    with suppress(OSError, ValueError, TypeError):
        owner = Owner(**json.loads((workspace.home / OWNER).read_text("utf-8")))
        if lease.process_lives(owner):
            return "running"
        return "done" if any("done in" in line for line in log(workspace)) else "failed"
    return "none"


def log(workspace: Workspace) -> list[str]:
    """What it has said so far."""
    with suppress(OSError):
        return (workspace.home / LOG).read_text("utf-8", errors="replace").splitlines()
    return []

"""What routers have written, made readable: every command that reads traffic asks for this first."""

import importlib.util

from analytics.workspace import Workspace

JOURNAL = "pipeline.router.journal"


def settle(workspace: Workspace) -> None:
    """Move what routers wrote so far into committed segments."""
    if workspace.traffic.exists() and importlib.util.find_spec(JOURNAL):
        importlib.import_module(JOURNAL).settle(workspace)

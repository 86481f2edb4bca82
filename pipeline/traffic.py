"""What routers have written, made readable: every command that reads traffic asks for this first."""

from analytics.workspace import Workspace


def settle(workspace: Workspace) -> None:
    """Move what routers wrote so far into committed segments. Starts nothing where no router has written."""
    if workspace.traffic.is_dir():
        from pipeline.router.settle import settle as move

        move(workspace)

"""``spiritsafe dashboard``: serve the pages on this machine."""

import contextlib
import os
import socket
import sys
from pathlib import Path

from cyclopts import App

from analytics.errors import InputError, WorkspaceBusy
from analytics.terminal import Common, progress
from analytics.workspace import HOME_VARIABLE

HERE = Path(__file__).resolve().parent
ADDRESS = "127.0.0.1"
HIGHEST_PORT = 65_535
# Errors stay in the terminal: a traceback on a page could show prompts. No client may press buttons over HTTP.
OPTIONS = {
    "server.address": ADDRESS,
    "server.headless": "true",
    "server.fileWatcherType": "none",
    "server.enableAgentApi": "false",
    "browser.gatherUsageStats": "false",
    "client.showErrorDetails": "none",
    "client.toolbarMode": "viewer",
    "theme.base": str(HERE / "theme.toml"),
}


def mount(app: App) -> None:
    """Add the dashboard's command to ``app``."""
    app.command(dashboard)


def dashboard(*, port: int = 8501, common: Common | None = None) -> None:
    """Serve the dashboard on this machine until it is interrupted.

    Parameters
    ----------
    port
        Port on 127.0.0.1; the pages are never served to other machines.
    """
    common = common or Common()
    _require_free(port)
    progress.print(f"dashboard of {common.workspace.home}: http://{ADDRESS}:{port}", soft_wrap=True)
    os.environ[HOME_VARIABLE] = str(common.workspace.home)  # every session's script reads the workspace from here
    os.environ["STREAMLIT_LOGGER_HIDE_WELCOME_MESSAGE"] = "true"  # the address is told once
    serve(port)


def serve(port: int) -> None:
    """Run the server in this process. Every option is stated, so that it works from any folder."""
    from streamlit.web.cli import main_run

    from dashboard import warm

    warm.load()
    warm.start()
    options = [f"--{name}={value}" for name, value in OPTIONS.items()]
    with contextlib.redirect_stdout(sys.stderr):  # stdout is for data
        main_run.main([str(HERE / "app.py"), f"--server.port={port}", *options], standalone_mode=False)


def _require_free(port: int) -> None:
    if not 1 <= port <= HIGHEST_PORT:
        raise InputError(f"--port is a number from 1 to {HIGHEST_PORT}, not {port}")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that was just freed is free
        try:
            probe.bind((ADDRESS, port))
        except OSError as error:
            raise WorkspaceBusy(
                f"port {port} on {ADDRESS} cannot be used ({error.strerror}); "
                f"choose another one: spiritsafe dashboard --port {port + 1 if port < HIGHEST_PORT else 8501}"
            ) from error

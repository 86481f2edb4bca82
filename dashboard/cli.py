"""``spiritsafe dashboard``: serve the pages on this machine."""

import contextlib
import importlib.util
import os
import socket
import sys
import tomllib
from pathlib import Path
from typing import Literal

from cyclopts import App

from analytics.errors import InputError, MissingExtra, WorkspaceBusy
from analytics.terminal import Common, progress
from analytics.workspace import HOME_VARIABLE

HERE = Path(__file__).resolve().parent
ADDRESS = "127.0.0.1"
LOOPBACK = (ADDRESS, "localhost", "::1")
ROLE_VARIABLE, SIGN_IN_VARIABLE = "SPIRITSAFE_ROLE", "SPIRITSAFE_SIGN_IN"  # read by ``who`` in every session
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


def dashboard(
    *,
    port: int = 8501,
    address: str = ADDRESS,
    role: Literal["viewer", "operator", "approver"] | None = None,
    sign_in: Path | None = None,
    common: Common | None = None,
) -> None:
    """Serve the dashboard until it is interrupted: to this machine, unless people sign in or may only look.

    Parameters
    ----------
    port
        Port of the address.
    address
        Where it listens. Another one than this machine's own needs --sign-in, or --role viewer.
    role
        What whoever opens the pages may do, without sign-in [default: everything, as at the terminal].
    sign_in
        TOML file with [auth] of an OpenID Connect provider and [roles] (approvers, operators: lists of addresses).
    """
    common = common or Common()
    _require_private(address, role, sign_in)
    _require_free(port, address)
    progress.print(f"dashboard of {common.workspace.home}: http://{address}:{port}", soft_wrap=True)
    os.environ[HOME_VARIABLE] = str(common.workspace.home)  # every session's script reads the workspace from here
    os.environ[ROLE_VARIABLE] = role or ""
    os.environ[SIGN_IN_VARIABLE] = "1" if sign_in else ""
    os.environ["STREAMLIT_LOGGER_HIDE_WELCOME_MESSAGE"] = "true"  # the address is told once
    serve(port, address, sign_in)


def _require_private(address: str, role: str | None, sign_in: Path | None) -> None:
    """Refuse to let strangers act. Raises InputError, MissingExtra."""
    if address not in LOOPBACK and sign_in is None and role != "viewer":
        raise InputError(
            f"--address {address} serves other machines too: name who may sign in with --sign-in FILE, "
            "or let everybody only look with --role viewer"
        )
    if sign_in is None:
        return
    if role is not None:
        raise InputError("--role is for pages without sign-in; with --sign-in the file's [roles] says who may do what")
    if not sign_in.is_file() or "auth" not in tomllib.loads(sign_in.read_text("utf-8")):
        raise InputError(f"{sign_in}: no file with a table [auth]; see docs/dashboard.md for one")
    if importlib.util.find_spec("authlib") is None:
        raise MissingExtra("authlib", "oidc")


def serve(port: int, address: str = ADDRESS, sign_in: Path | None = None) -> None:
    """Run the server in this process. Every option is stated, so that it works from any folder."""
    from streamlit.web.cli import main_run

    from dashboard import warm

    warm.load()
    warm.start()
    stated = OPTIONS | {"server.address": address} | ({"secrets.files": str(sign_in.absolute())} if sign_in else {})
    options = [f"--{name}={value}" for name, value in stated.items()]
    with contextlib.redirect_stdout(sys.stderr):  # stdout is for data
        main_run.main([str(HERE / "app.py"), f"--server.port={port}", *options], standalone_mode=False)


def _require_free(port: int, address: str) -> None:
    if not 1 <= port <= HIGHEST_PORT:
        raise InputError(f"--port is a number from 1 to {HIGHEST_PORT}, not {port}")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that was just freed is free
        try:
            probe.bind((address, port))
        except OSError as error:
            raise WorkspaceBusy(
                f"port {port} on {address} cannot be used ({error.strerror}); "
                f"choose another one: spiritsafe dashboard --port {port + 1 if port < HIGHEST_PORT else 8501}"
            ) from error

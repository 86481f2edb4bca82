"""Does the slow part of the first pages before anybody asks for them, in the background of a new server.

Importing the numerical libraries takes longer than drawing a page, and a brief is decided afresh with all draws.
"""

import threading
import time

from analytics.errors import SpiritsafeError

POLL_S = 0.05
SERVER_WAIT_S = 60.0


def start() -> None:
    """Begin; a server that stops does not wait for it."""
    threading.Thread(target=_warm, name="warm", daemon=True).start()


def _warm() -> None:
    from dashboard import data
    from dashboard.charts import case, portfolio, student  # noqa: F401 - importing is the work

    if not _server_runs():
        return
    try:
        status = data.status()
        if status.snapshot_id is None:
            return
        for row in data.portfolio(status.snapshot_id):
            data.brief(status.snapshot_id, row.task_id)
    except SpiritsafeError:
        return  # the page that needs it will say what is wrong


def _server_runs() -> bool:
    """Whether the server came up: before that there is nowhere to keep results."""
    from streamlit import runtime

    deadline_s = time.monotonic() + SERVER_WAIT_S
    while not runtime.exists():
        if time.monotonic() > deadline_s:
            return False
        time.sleep(POLL_S)
    return True

"""Does the slow part of the first pages before anybody asks for them.

Importing the numerical libraries takes longer than drawing a page, and a brief is decided afresh.
"""

import importlib
import pkgutil
import threading
import time

from analytics.errors import SpiritsafeError
from dashboard import parts

POLL_S = 0.05
SERVER_WAIT_S = 60.0
FIRST_PAGE_S = 3.0  # whoever opens the first page at once has the machine to himself
SLOW_IMPORTS = ("analytics.api", "pipeline.api", "analytics.reports.charts.case", "dashboard.charts.student")


def load() -> None:
    """Import what every page needs. Before the server answers: two threads importing at once only slow each other."""
    for module in SLOW_IMPORTS:
        importlib.import_module(module)


def start() -> None:
    """Begin to decide the briefs; a server that stops does not wait for it."""
    threading.Thread(target=_warm, name="warm", daemon=True).start()


def _warm() -> None:
    if not _server_runs():
        return
    time.sleep(FIRST_PAGE_S)
    for part in pkgutil.iter_modules(parts.__path__):  # only now: their caches belong to the running server
        importlib.import_module(f"dashboard.parts.{part.name}")
    try:
        _read()
        _decide_briefs()
    except SpiritsafeError:
        return  # the page that needs it will say what is wrong


def _read() -> None:
    """What is read of all calls or of all students."""
    from dashboard import building, data, watching

    status = data.status()
    if status.snapshot_id is not None:
        data.data_state(status.snapshot_id)
    building.merits()
    if watching.knows("production"):
        watching.production()


def _decide_briefs() -> None:
    from dashboard import data

    status = data.status()
    if status.snapshot_id is None:
        return
    for row in data.portfolio(status.snapshot_id):
        for is_dark in (False, True):
            data.case_drawings(status.snapshot_id, row.task_id, is_dark=is_dark)


def _server_runs() -> bool:
    """Whether the server came up: before that there is nowhere to keep results."""
    from streamlit import runtime

    deadline_s = time.monotonic() + SERVER_WAIT_S
    while not runtime.exists():
        if time.monotonic() > deadline_s:
            return False
        time.sleep(POLL_S)
    return True

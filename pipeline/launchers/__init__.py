"""Where a run's worker is started: one module per place, found by name.

A launcher is a module with ``start(workspace, run_id) -> Owner``; it must return at once, and the
worker that it started must live on when the caller ends.
"""

import importlib
import pkgutil
from collections.abc import Callable

from analytics.errors import UnknownName
from analytics.workspace import Workspace
from pipeline.lease import Owner

Start = Callable[[Workspace, str], Owner]


def names() -> list[str]:
    """The launchers that exist."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def find(name: str) -> Start:
    """The start function of a launcher; UnknownName lists them."""
    if name not in names():
        raise UnknownName("launcher", name, names())
    start: Start = importlib.import_module(f"pipeline.launchers.{name}").start
    return start

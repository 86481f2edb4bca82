"""Who else is told of each step of training. One module a tracker; it is found by being here, imported when asked for.

A tracker is a module with ``PACKAGE`` and ``start(run) -> Tracker``. Its own settings (address, key, project) come from
the environment, as its makers document them. Events never hold a prompt or an answer.
"""

import importlib
import importlib.util
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from analytics.errors import MissingExtra, UnknownName

Event = dict[str, Any]
BESIDE = frozenset({"step", "steps", "at"})  # of an event, what is no measure


class Tracker(Protocol):
    """One open run at a tracker."""

    def log(self, step: int, measures: dict[str, float]) -> None:
        """The figures of one step."""

    def close(self) -> None:
        """Nothing more will come."""


@dataclass(frozen=True)
class Told:
    """What a tracker learns of a run at its start."""

    project: str
    run_id: str
    settings: dict[str, Any] = field(default_factory=dict)  # method, base, seed and the like; no text of the task


def names() -> list[str]:
    """The trackers that exist."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def require(wanted: Sequence[str]) -> None:
    """Refuse a name that is not known or not installed, before anything starts."""
    for name in wanted:
        if name not in names():
            raise UnknownName("tracker", name, names())
        package = importlib.import_module(f"{__name__}.{name}").PACKAGE
        if importlib.util.find_spec(package) is None:
            raise MissingExtra(package, "trackers")


def open_all(wanted: Sequence[str], run: Told, say: Callable[[str], None]) -> list[Tracker]:
    """The trackers asked for. One that does not start is said and left out: training does not hang on it."""
    require(wanted)
    opened: list[Tracker] = []
    for name in wanted:
        try:
            opened.append(Guarded(name, importlib.import_module(f"{__name__}.{name}").start(run), say))
        except Exception as error:  # whatever its package raises, on a network that may be away
            say(f"tracker {name} did not start: {error}; events stay in the run's folder")
    return opened


def measures_of(event: Event) -> dict[str, float]:
    """The figures of an event; what is unknown is left out, not 0."""
    return {name: float(value) for name, value in event.items() if name not in BESIDE and value is not None}


class Guarded:
    """A tracker that goes silent at its first failure instead of ending the run."""

    def __init__(self, name: str, inner: Tracker, say: Callable[[str], None]) -> None:
        self.name, self.inner, self.say = name, inner, say
        self.is_open = True

    def log(self, step: int, measures: dict[str, float]) -> None:
        """See Tracker."""
        self._try(lambda: self.inner.log(step, measures))

    def close(self) -> None:
        """See Tracker."""
        self._try(self.inner.close)
        self.is_open = False

    def _try(self, call: Callable[[], None]) -> None:
        if not self.is_open:
            return
        try:
            call()
        except Exception as error:
            self.is_open = False
            self.say(f"tracker {self.name} is no longer told: {error}; events stay in the run's folder")

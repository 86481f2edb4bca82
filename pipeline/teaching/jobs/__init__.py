"""What a teacher can be paid for, one module each, found by being here.

``ORDER`` says when a job's turn is; ``calls(teaching, rows, unanswered)`` how many questions it asks at most of a task
with so many rows; ``tokens(teaching, input, answer)`` how long one question and its answer are; ``run(lesson, asker)``
does it.
"""

import importlib
import pkgutil
from typing import Protocol, cast

from analytics.errors import UnknownName
from pipeline.contracts import Teaching
from pipeline.teaching.asker import Asker
from pipeline.teaching.lesson import Lesson, Taught


class Job(Protocol):
    """One module of this package."""

    ORDER: int

    def calls(self, teaching: Teaching, rows: int, unanswered: int) -> int:
        """Questions it asks."""

    def tokens(self, teaching: Teaching, input_tokens: float, answer_tokens: float) -> tuple[float, float]:
        """Tokens of one question and of its answer."""

    def run(self, lesson: Lesson, asker: Asker) -> Taught:
        """Ask, and add what came of it."""


def names() -> list[str]:
    """Every job."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def job(name: str) -> Job:
    """A job by name. Raises UnknownName."""
    if name not in names():
        raise UnknownName("job of a teacher", name, names())
    return cast(Job, importlib.import_module(f"{__name__}.{name}"))


def in_order(chosen: tuple[str, ...]) -> list[str]:
    """The chosen jobs in the order in which they run."""
    return sorted(set(chosen), key=lambda name: (job(name).ORDER, name))

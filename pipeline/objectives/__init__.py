"""What a decoder is trained towards. One module an objective; it is found by being here.

An objective makes the corpus (what is shown) and the loss (what is asked of it). torch is imported inside functions.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, cast

from analytics.errors import UnknownName
from pipeline.contracts import Training
from pipeline.students import Lessons
from pipeline.students.neural.chat import Chat
from pipeline.students.neural.examples import Corpus
from pipeline.students.neural.forward import Batch


class Objective(Protocol):
    """One way to learn from a teacher."""

    def corpus(self, lessons: Lessons, chats: "Chats", training: Training) -> Corpus:
        """Examples with what the loss needs of the teacher. Raises DataMissing where the lessons lack it."""

    def loss(self, model: Any, batch: Batch, training: Training) -> Any:
        """A scalar to be minimised; batches of one step add up to the step's loss."""


@contextmanager
def helping(objective: Objective, model: Any, training: Training) -> Iterator[None]:
    """While training lasts, the network has the parameters that the objective alone needs (``attach``, ``detach``)."""
    attach, detach = getattr(objective, "attach", None), getattr(objective, "detach", None)
    if attach:
        attach(model, training)
    try:
        yield
    finally:
        if detach:
            detach(model)


class Chats(Protocol):
    """Makes the chat for a set of instructions; None: those of the task."""

    def __call__(self, instructions: str | None = None) -> Chat:
        """The chat that shows these instructions."""


def names() -> list[str]:
    """The objectives that exist."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg)


def find(name: str) -> Objective:
    """The objective of that name. Raises UnknownName."""
    if name not in names():
        raise UnknownName("objective", name, names())
    return cast(Objective, importlib.import_module(f"{__name__}.{name}"))

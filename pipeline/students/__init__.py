"""Kinds of student. One module a kind; it is found by being here.

A kind has ``fit``, which makes a student of the teacher's answers, and ``load``, which reads a saved one.
Helpers live in ``parts``.
"""

import importlib
import json
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

from analytics.errors import DataMissing, UnknownName
from pipeline.contracts import AnswerKind, Features, Student, Training
from pipeline.launch_options import LaunchOptions

CARD = "student.json"  # names the kind; every saved student has one


@dataclass(frozen=True)
class Lessons:
    """What the teacher said, one entry a call."""

    inputs: list[str]
    answers: list[str]  # plain forms
    trainable: list[bool]  # False: part of the traffic, but a filter keeps it from teaching
    rationales: list[str | None] = field(default_factory=list)  # the teacher's reasons; empty: nobody asked
    top_logprobs: list[str | None] = field(default_factory=list)  # as in ``pipeline.examples``; empty: none stored

    def teaching(self) -> "Lessons":
        """The rows that may train."""
        return self.take([place for place, may in enumerate(self.trainable) if may])

    def take(self, places: Sequence[int]) -> "Lessons":
        """These rows alone, in the given order."""
        columns = vars(self).items()
        return Lessons(**{name: [values[place] for place in places] if values else [] for name, values in columns})

    def __add__(self, other: "Lessons") -> "Lessons":
        return Lessons(**{name: self._column(name) + other._column(name) for name in vars(self)})

    def _column(self, name: str) -> list[Any]:
        return getattr(self, name) or [None] * len(self)

    def __len__(self) -> int:
        return len(self.inputs)


@dataclass(frozen=True)
class Setup:
    """How to make a student, beside the lessons."""

    seed: int
    features: Features = "static"
    answer_kind: AnswerKind = "label"
    base: str | None = None
    objective: str = "sequence"
    training: Training = field(default_factory=Training)
    instructions: str | None = None  # the constant prompt text, where it is to be kept
    scratch: Path | None = None  # keeps checkpoints, so that a killed worker's successor goes on; None: nowhere
    say: Callable[[str], None] = print  # one line in the run's log
    launch: LaunchOptions = field(default_factory=LaunchOptions)  # where it runs, and who is told of each step
    paid_usd: float | None = None  # what the run has paid others before training [USD]; None: not known


class Kind(Protocol):
    """One way to make a student."""

    ANSWERS: frozenset[AnswerKind]  # what it can say
    OBJECTIVES: tuple[str, ...]  # what it can be trained towards, the default first

    def fit(self, train: Lessons, tune: Lessons, setup: Setup) -> Student:
        """Learn from ``train``; learn when to be trusted from ``tune``, traffic as it came later."""

    def load(self, folder: Path) -> Student:
        """A student as it was saved."""


def kinds() -> list[str]:
    """Names of the kinds that can be trained."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg)


def kind(name: str) -> Kind:
    """The kind of that name. Raises UnknownName."""
    if name not in kinds():
        raise UnknownName("student kind", name, kinds())
    return cast(Kind, importlib.import_module(f"{__name__}.{name}"))


def load_student(folder: Path) -> Student:
    """A saved student of whatever kind."""
    if not (folder / CARD).exists():
        raise DataMissing(f"{folder} holds no student; its run did not finish training")
    return kind(json.loads((folder / CARD).read_text())["kind"]).load(folder)

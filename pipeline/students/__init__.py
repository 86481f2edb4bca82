"""Kinds of student. One module a kind; it is found by being here.

A kind has ``fit``, which makes a student of the teacher's answers, and ``load``, which reads a saved one.
Helpers live in ``parts``.
"""

import importlib
import json
import pkgutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from analytics.errors import DataMissing, UnknownName
from pipeline.contracts import Features, Student

CARD = "student.json"  # names the kind; every saved student has one


@dataclass(frozen=True)
class Lessons:
    """What the teacher said, one entry a call."""

    inputs: list[str]
    answers: list[str]  # plain labels
    trainable: list[bool]  # False: part of the traffic, but a filter keeps it from teaching

    def teaching(self) -> "Lessons":
        """The rows that may train."""
        rows = zip(self.inputs, self.answers, self.trainable, strict=True)
        kept = [(text, answer) for text, answer, trainable in rows if trainable]
        return Lessons([text for text, _ in kept], [answer for _, answer in kept], [True] * len(kept))

    def __add__(self, other: "Lessons") -> "Lessons":
        return Lessons(self.inputs + other.inputs, self.answers + other.answers, self.trainable + other.trainable)

    def __len__(self) -> int:
        return len(self.inputs)


class Kind(Protocol):
    """One way to make a student."""

    def fit(self, train: Lessons, tune: Lessons, features: Features, seed: int) -> Student:
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

"""Who says that an answer is good enough where nobody knows the truth. One module a judge, found by being here.

A judge has ``SAYS`` (one sentence) and ``judge``, which says for each pair whether the student's answer is not worse
than the teacher's. What judges say is never taken as it is: pipeline/evaluation/judged.py measures and corrects it.
"""

import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from analytics.errors import UnknownName
from pipeline.teaching.asker import Asker


@dataclass(frozen=True)
class Judged:
    """One input with two answers to it."""

    input_text: str
    student: str
    teacher: str


class Judge(Protocol):
    """One module of this package."""

    SAYS: str

    def judge(self, asker: Asker, rows: Sequence[Judged]) -> list[bool | None]:
        """Whether the student's answer is not worse; None where there is no verdict that can be read."""


def names() -> list[str]:
    """Every judge."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


def find(name: str) -> Judge:
    """A judge by name. Raises UnknownName."""
    if name not in names():
        raise UnknownName("judge", name, names())
    return cast(Judge, importlib.import_module(f"{__name__}.{name}"))

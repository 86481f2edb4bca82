"""What a person may choose for a plan: read from what is there, so that a new file is a new choice."""

from dataclasses import dataclass
from typing import get_args

from analytics.workspace import Workspace
from pipeline import launchers, trackers
from pipeline.base_models import known_bases
from pipeline.contracts import Features, Method
from pipeline.ladder import RUNGS
from pipeline.students import kind, kinds
from pipeline.teaching import jobs


@dataclass(frozen=True)
class BaseChoice:
    """One base in a list."""

    name: str
    parameters: int
    licence: str
    is_gated: bool


@dataclass(frozen=True)
class Choices:
    """Every closed set of a plan and of a launch."""

    objectives: dict[str, tuple[str, ...]]  # by kind of student, the default first
    answers: dict[str, tuple[str, ...]]  # kinds of answer that a kind of student can give
    features: tuple[str, ...]
    methods: tuple[str, ...]
    bases: tuple[BaseChoice, ...]  # smallest first
    jobs: tuple[str, ...]
    launchers: tuple[str, ...]
    trackers: tuple[str, ...]
    rungs: tuple[str, ...]  # of a ladder, cheapest first


def choices(workspace: Workspace) -> Choices:
    """As they are now."""
    ordered = sorted(known_bases(workspace.home).values(), key=lambda base: base.parameters)
    return Choices(
        {name: tuple(kind(name).OBJECTIVES) for name in kinds()},
        {name: tuple(sorted(kind(name).ANSWERS)) for name in kinds()},
        get_args(Features),
        get_args(Method),
        tuple(BaseChoice(base.name, base.parameters, base.licence, base.gated) for base in ordered),
        tuple(jobs.names()),
        tuple(launchers.names()),
        tuple(trackers.names()),
        RUNGS,
    )

"""Configurations that a probe tries: a kind of student on a base, trained briefly under the probe's own seed."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import cast

from analytics.errors import InputError, UnknownName
from analytics.workspace import Workspace
from pipeline.base_files import is_here
from pipeline.base_models import find_base, known_bases
from pipeline.contracts import PROBE_SEED, Features, PlanSpec, Training
from pipeline.plan import Recipe
from pipeline.reevaluation.changes import Change
from pipeline.students import kind, kinds

FIRST = "head:static"  # compared with where a task has no student yet
FEATURES = ("static", "sentence")


@dataclass(frozen=True)
class Effort:
    """How much a probe does for each candidate, and in all."""

    rows: int = 6_000  # newest calls that each learns and is tested on
    steps: int = 40  # optimizer steps of a network
    cap_usd: float = 5.0  # of rent and paid calls, all candidates together
    cap_seconds: float = 1_800.0  # all candidates together


@dataclass(frozen=True)
class Candidate:
    """One configuration."""

    name: str  # head:static, head:sentence, encoder, encoder:FOLDER, causal:BASE
    student: str
    features: Features = "static"
    base: str | None = None
    training: Training = field(default_factory=Training)

    def recipe(self, effort: Effort, alpha: float, delta: float) -> Recipe:
        """What is planned: the probe's rows, steps and seed, nothing paid."""
        return Recipe(
            student=self.student,
            features=self.features,
            base=self.base,
            objective=kind(self.student).OBJECTIVES[0],
            alpha=alpha,
            delta=delta,
            seed=PROBE_SEED,
            max_rows=effort.rows,
            cap_usd=0.0,
            training=replace(self.training, max_steps=effort.steps),
        )


def candidate_of(name: str) -> Candidate:
    """The configuration that a name means. Raises UnknownName or InputError."""
    student, _, rest = name.partition(":")
    if student not in kinds():
        raise UnknownName("student kind", student, kinds())
    if student == "head":
        if rest and rest not in FEATURES:
            raise UnknownName("set of features", rest, FEATURES)
        return Candidate(f"head:{rest or 'static'}", student, cast(Features, rest or "static"))
    if rest and student == "lookup":
        raise InputError(f"{name}: a lookup builds on no base")
    return Candidate(name, student, base=rest or None)


def present_of(spec: PlanSpec | None) -> Candidate:
    """The configuration of the student that stands; the cheapest kind where there is none."""
    if spec is None:
        return candidate_of(FIRST)
    suffix = spec.features if spec.student == "head" else spec.base
    name = f"{spec.student}:{suffix}" if suffix else spec.student
    return Candidate(name, spec.student, spec.features, spec.base, spec.training)


def of_new_bases(workspace: Workspace, changes: Iterable[Change]) -> tuple[list[Candidate], dict[str, str]]:
    """Candidates of the new bases that are on this machine; and the others, each with why it cannot be probed."""
    known, found, left = known_bases(workspace.home), [], {}
    for name in [one.subject for one in changes if one.kind in ("new-base", "base-changed")]:
        if name not in known:  # a package: whoever builds on it is named by kind
            continue
        if is_here(find_base(name, workspace.home)):
            found.append(Candidate(f"causal:{name}", "causal", base=name))
        else:
            left[f"causal:{name}"] = "its weights are not on this machine: fetch them, or probe where they are"
    return found, left

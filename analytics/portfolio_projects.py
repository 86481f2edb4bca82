"""From judged tasks to projects: each student on what the levers leave, and each lever over all tasks in which it pays.

How totals are made. All projects are simulated in the same draws. Growth, the fall of prices and GPU rent are those of
the market: a draw has one of each for all projects. Everything else is a project's own: its columns of the stream are
dealt in an order of its own, so that projects do not fail together because they share a random number.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.alternatives import Alternative, npv_usd
from analytics.assumptions import Assumptions
from analytics.configuration import after
from analytics.contracts import Verdict
from analytics.decision import Decision
from analytics.inputs import Array, Inputs, inputs_of
from analytics.levers import from_assumptions
from analytics.portfolio_plan import Project
from analytics.simulate import COLUMNS, FAST_DRAWS, SEED, npv_or_loss_usd, sampled

SHARED = ("monthly_growth", "yearly_price_decline", "gpu_price_multiplier")  # one market for all projects
COMMON = "common"  # one cache answers for every task; a prompt is reordered task by task
WORTH_A_STUDENT = (Verdict.DISTILL, Verdict.PILOT)


@dataclass(frozen=True)
class TaskCase:
    """One judged task."""

    task_id: str
    name: str
    assumptions: Assumptions
    student: Assumptions  # on what the levers leave
    decision: Decision


def projects_of(cases: Sequence[TaskCase], draws: int = FAST_DRAWS) -> list[Project]:
    """Students of the tasks whose verdict is one, then the levers of every task, by name."""
    students = [_student(case, draws) for case in cases if case.decision.verdict in WORTH_A_STUDENT]
    levers: dict[str, list[Project]] = {}
    for case in cases:
        for lever, npv in _levers(case, draws):
            levers.setdefault(lever.name, []).append(_lever(case, lever, npv))
    return [*students, *(_together(name, parts) for name, parts in levers.items())]


def own_draws(key: str, draws: int) -> Array:
    """The stream of all simulations with a project's own columns dealt anew, the market's as they are [draws, 20]."""
    uniforms = np.random.default_rng(SEED).random((draws, len(COLUMNS) + 1))
    own = np.array([at for at, name in enumerate((*COLUMNS, "failure")) if name not in SHARED])
    seed = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    order = np.random.default_rng(seed).permutation(draws)
    uniforms[:, own] = uniforms[np.ix_(order, own)]
    return uniforms


def _student(case: TaskCase, draws: int) -> Project:
    uniforms = own_draws(case.task_id, draws)
    inputs = sampled(case.student, inputs_of(case.student), uniforms)
    failed = uniforms[:, -1] > 1 - inputs.project_failure_share
    return Project(
        key=f"student:{case.task_id}",
        name=f"student for {case.name}",
        kind="student",
        tasks=(case.name,),
        engineer_weeks=case.student.value("engineer_weeks"),
        one_off_usd=case.decision.economics.one_off_usd,
        npv_usd=np.broadcast_to(npv_or_loss_usd(inputs, failed), (draws,)),
        shares=f"student:{case.task_id}",
        verdict=case.decision.verdict.value,
    )


def _levers(case: TaskCase, draws: int) -> Iterable[tuple[Alternative, Array]]:
    """Each lever of the configuration on what those before it leave, in each draw."""
    known = {lever.name: lever for lever in from_assumptions(case.assumptions)}
    left: Inputs = sampled(case.assumptions, inputs_of(case.assumptions), own_draws(case.task_id, draws))
    for name in case.decision.economics.configuration.levers:
        yield known[name], np.broadcast_to(npv_usd(known[name], left), (draws,))
        left = after(left, known[name])


def _lever(case: TaskCase, lever: Alternative, npv: Array) -> Project:
    week_usd = case.assumptions.value("engineer_week_usd")
    weeks = lever.one_off_usd / week_usd if week_usd else 0.0
    shares = f"{COMMON if lever.saves_calls else 'lever'}:{lever.name}"
    return Project(lever.name, lever.name, "lever", (case.name,), weeks, lever.one_off_usd, npv, shares)


def _together(name: str, parts: Sequence[Project]) -> Project:
    """One lever over several tasks: savings add up, each less its own set-up, unless one set-up serves them all."""
    outlays = [part.one_off_usd for part in parts]
    is_common = parts[0].shares == f"{COMMON}:{name}"
    spared = sum(outlays) - max(outlays) if is_common else 0.0
    weeks = [part.engineer_weeks for part in parts]
    return Project(
        key=f"lever:{name}",
        name=name,
        kind="lever",
        tasks=tuple(task for part in parts for task in part.tasks),
        engineer_weeks=max(weeks) if is_common else sum(weeks),
        one_off_usd=sum(outlays) - spared,
        npv_usd=np.sum([part.npv_usd for part in parts], axis=0) + spared,
        shares=f"lever:{name}",
    )

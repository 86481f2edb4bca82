"""Which projects to do under limits of engineering and money, and what they pay together.

A project is a student for one task, or a lever such as a cache over all tasks in which it pays. Its value is what it
adds to what was there: a student's is counted on S*, on what the levers leave, so nothing is booked twice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from analytics.inputs import Array

MONTHS = 24  # of every value here
Resource = Literal["engineer-weeks", "budget"]


@dataclass(frozen=True)
class Project:
    """One thing that could be done, with what it pays in each draw."""

    key: str
    name: str
    kind: Literal["student", "lever"]
    tasks: tuple[str, ...]  # names
    engineer_weeks: float
    one_off_usd: float  # engineering included
    npv_usd: Array  # over 24 months, of each draw; all projects share the draws
    shares: str  # projects that share this are one piece of work: at most one of them is chosen
    verdict: str = ""

    @property
    def mean_usd(self) -> float:
        """Expected value."""
        return float(self.npv_usd.mean())


class Limits(NamedTuple):
    """What there is; None: as much as it takes."""

    engineer_weeks: float | None = None
    budget_usd: float | None = None


class Spread(NamedTuple):
    """A value with its risk [USD]."""

    mean: float
    p5: float
    p50: float
    p95: float
    p_loss: float  # chance that it is negative


@dataclass(frozen=True)
class Ranked:
    """One project in its place."""

    project: Project
    value: Spread
    per_unit_usd: float | None  # expected value per unit of the scarcer resource; None where it needs none
    is_chosen: bool
    left_out_because: str = ""


@dataclass(frozen=True)
class Plan:
    """The choice and what it pays."""

    limits: Limits
    scarcer: Resource
    ranked: tuple[Ranked, ...]  # the best per unit of the scarcer resource first
    engineer_weeks: float  # that the chosen take
    one_off_usd: float
    total: Spread  # of the chosen together


def make_plan(projects: Sequence[Project], limits: Limits) -> Plan:
    """The choice of the highest expected value within the limits; projects that lose on average are left out."""
    chosen = {project.key for project in choose(projects, limits)}
    scarcer = scarcer_resource(projects, limits)
    ranked = sorted((_ranked(project, chosen, scarcer, limits) for project in projects), key=_order)
    taken = [one.project for one in ranked if one.is_chosen]
    return Plan(
        limits=limits,
        scarcer=scarcer,
        ranked=tuple(ranked),
        engineer_weeks=sum(project.engineer_weeks for project in taken),
        one_off_usd=sum(project.one_off_usd for project in taken),
        total=spread(np.sum([project.npv_usd for project in taken], axis=0) if taken else np.zeros(1)),
    )


def choose(projects: Sequence[Project], limits: Limits) -> list[Project]:
    """The best set: a small integer program, solved exactly."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    worth = [project for project in projects if project.mean_usd > 0]
    if not worth:
        return []
    values = np.array([project.mean_usd for project in worth])
    rows, most = _constraints(worth, limits)
    constraint = LinearConstraint(np.array(rows), ub=np.array(most)) if rows else ()
    found = milp(
        -values / values.max(), integrality=np.ones(len(worth)), bounds=Bounds(0, 1), constraints=constraint,
        options={"mip_rel_gap": 0.0},
    )  # fmt: skip
    return [project for project, taken in zip(worth, found.x, strict=True) if taken > 0.5]


def _constraints(worth: Sequence[Project], limits: Limits) -> tuple[list[Array], list[float]]:
    """One row a limit, scaled so that the limit is one; one row for each piece of work that several projects share."""
    rows: list[Array] = []
    for limit, need in zip(limits, _needs(worth), strict=True):
        if limit is not None:
            rows.append(np.asarray(need / limit if limit > 0 else (need > 0) * 2.0, dtype=np.float64))
    shared = [project.shares for project in worth]
    rows += [
        np.array([float(one == name) for one in shared]) for name in dict.fromkeys(shared) if shared.count(name) > 1
    ]
    return rows, [1.0] * len(rows)


def scarcer_resource(projects: Sequence[Project], limits: Limits) -> Resource:
    """The one of which the worthwhile projects want most, against what there is."""
    weeks, money = _needs([project for project in projects if project.mean_usd > 0])
    wanted = (weeks.sum(), limits.engineer_weeks), (money.sum(), limits.budget_usd)
    weeks_share, money_share = (need / max(limit, 1e-9) if limit is not None else 0.0 for need, limit in wanted)
    return "budget" if money_share > weeks_share else "engineer-weeks"


def spread(values: Array) -> Spread:
    """Mean, percentiles and chance of loss of the draws."""
    low, middle, high = map(float, np.percentile(values, [5, 50, 95]))
    return Spread(float(values.mean()), low, middle, high, float((values < 0).mean()))


def _needs(projects: Sequence[Project]) -> tuple[Array, Array]:
    weeks = np.array([project.engineer_weeks for project in projects])
    return weeks, np.array([project.one_off_usd for project in projects])


def _ranked(project: Project, chosen: set[str], scarcer: Resource, limits: Limits) -> Ranked:
    need = project.engineer_weeks if scarcer == "engineer-weeks" else project.one_off_usd
    value = spread(project.npv_usd)
    taken = project.key in chosen
    per_unit = value.mean / need if need > 0 else None
    return Ranked(project, value, per_unit, taken, "" if taken else _why_not(project, value, limits))


def _why_not(project: Project, value: Spread, limits: Limits) -> str:
    if value.mean <= 0:
        return "loses on average"
    needs: Mapping[str, tuple[float, float | None]] = {
        "more engineering than there is": (project.engineer_weeks, limits.engineer_weeks),
        "more money than there is": (project.one_off_usd, limits.budget_usd),
    }
    return next((why for why, (need, limit) in needs.items() if limit is not None and need > limit), "others pay more")


def _order(one: Ranked) -> tuple[bool, float]:
    return not one.is_chosen, -(one.per_unit_usd if one.per_unit_usd is not None else np.inf)

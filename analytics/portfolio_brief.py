"""What to do over all tasks, and what it pays: the plan with its tasks, as the document and ``--json`` show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from analytics.brief import Provenance
from analytics.portfolio_plan import Limits, Plan, Ranked, Resource, Spread

WEEKS_A_QUARTER = 13
HOW_TOTALS = (
    "Totals are simulated, not added up from ranges: in each draw all projects meet the same growth of calls, fall of "
    "prices and GPU rent, and everything else, failure included, is each project's own. A student counts on what the "
    "cheaper fixes leave (S*), and a cache that answers for several tasks is set up once."
)


@dataclass(frozen=True)
class PlannedProject:
    """One project in its place."""

    key: str
    name: str
    kind: Literal["student", "lever"]
    tasks: tuple[str, ...]
    verdict: str  # of a student's task
    engineer_weeks: float
    one_off_usd: float
    value: Spread  # over 24 months [USD]
    per_unit_usd: float | None  # expected value per unit of the scarcer resource
    is_chosen: bool
    left_out_because: str


@dataclass(frozen=True)
class TaskLine:
    """One task, chosen or not."""

    name: str
    verdict: str
    title: str
    monthly_spend_usd: float | None
    reason: str


@dataclass(frozen=True)
class PortfolioBrief:
    """Keys of ``spiritsafe report --portfolio --json``."""

    engineer_weeks_limit: float | None
    budget_usd: float | None
    scarcer: Resource
    projects: tuple[PlannedProject, ...]  # the chosen first, each by value per unit of the scarcer resource
    engineer_weeks: float  # that the chosen take
    one_off_usd: float
    total: Spread  # of the chosen together, overlaps removed
    monthly_spend_usd: float | None
    tasks: tuple[TaskLine, ...]
    how_totals: str
    provenance: Provenance


def portfolio_brief(
    plan: Plan, tasks: Sequence[TaskLine], monthly_spend_usd: float | None, provenance: Provenance
) -> PortfolioBrief:
    """The plan without its draws."""
    return PortfolioBrief(
        engineer_weeks_limit=plan.limits.engineer_weeks,
        budget_usd=plan.limits.budget_usd,
        scarcer=plan.scarcer,
        projects=tuple(_planned(one) for one in plan.ranked),
        engineer_weeks=plan.engineer_weeks,
        one_off_usd=plan.one_off_usd,
        total=plan.total,
        monthly_spend_usd=monthly_spend_usd,
        tasks=tuple(tasks),
        how_totals=HOW_TOTALS,
        provenance=provenance,
    )


def limits_of(engineers: float | None, weeks: float, budget_usd: float | None) -> Limits:
    """What so many engineers can do in so many weeks, and what may be paid."""
    return Limits(engineers * weeks if engineers is not None else None, budget_usd)


def _planned(one: Ranked) -> PlannedProject:
    project = one.project
    return PlannedProject(
        key=project.key,
        name=project.name,
        kind=project.kind,
        tasks=project.tasks,
        verdict=project.verdict,
        engineer_weeks=project.engineer_weeks,
        one_off_usd=project.one_off_usd,
        value=one.value,
        per_unit_usd=one.per_unit_usd,
        is_chosen=one.is_chosen,
        left_out_because=one.left_out_because,
    )

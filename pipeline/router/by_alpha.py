"""What each promise would give: threshold, coverage, the bound that is proved, and money, alpha by alpha.

Thresholds come from Learn-then-Test on the calibration rows of the student's own run, coverage and realised
disagreement from its newest traffic, which has no part in choosing. So each line holds by itself, at confidence
1 - delta; whoever picks the line afterwards by its coverage should promise the alpha that they picked.
"""

from dataclasses import asdict, dataclass, replace
from typing import Any

from analytics.contracts import Interval
from analytics.errors import QualityGateFailed
from analytics.workspace import Workspace
from pipeline.evaluated import open_evaluated, stage_folder
from pipeline.evaluation.costs import calls_per_month
from pipeline.loaded import Loaded, open_student
from pipeline.router.opening import open_for
from pipeline.router.policy import Policy
from pipeline.router.rule import Order, choose_order
from pipeline.routing import Calibration
from pipeline.stages.calibrate import Answered, answered, calibrate
from pipeline.students.parts.steady import steady_sums

ALPHAS = (0.005, 0.01, 0.02, 0.03, 0.05, 0.1)


@dataclass(frozen=True)
class Choice:
    """One promise."""

    alpha: float  # share of served answers that may be wrong, at most
    delta: float  # chance that this is broken
    threshold: float | None  # None: nothing can be promised
    coverage: Interval | None  # of the newest traffic, 95 % Wilson
    served_disagreement: Interval | None  # realised there, 95 % Wilson
    least_escalation: float | None  # share that any router must leave to the teacher at the student's error
    saved_usd_a_month: Interval | None  # teacher less student for what is served; the range is coverage's alone
    errors_a_day: float | None  # served answers that differ from the teacher's
    order: Order  # ask the student first, or look at the input first
    reason: str

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return asdict(self)


@dataclass(frozen=True)
class Basis:
    """Answers of one student on the rows that its run held back."""

    held: Answered
    traffic: Answered
    labels: list[str]
    calls_a_month: float | None
    teacher_usd: float | None  # a call
    student_usd: float | None
    can_gate: bool = False  # can the student tell a strange input without answering?


def choices(
    workspace: Workspace, student_id: str, alphas: tuple[float, ...] = ALPHAS, delta: float = 0.05
) -> list[Choice]:
    """A line for each alpha. Raises UnknownName, DataMissing."""
    basis = read_basis(workspace, student_id, open_student(workspace, student_id))
    return [choice(basis, alpha, delta) for alpha in alphas]


def read_basis(workspace: Workspace, student_id: str, loaded: Loaded) -> Basis:
    """Ask the student, as it is served, about calibration rows and newest traffic of its own run."""
    found = open_evaluated(workspace, student_id)
    split = stage_folder(workspace, found.card["run_id"], "split")
    cost = found.card.get("cost_per_1000") or {}
    with steady_sums():
        held, traffic = (answered(loaded.student, split / f"{name}.parquet") for name in ("calibrate", "traffic"))
    teacher_usd, student_usd = (_each_usd(cost.get(who)) for who in ("teacher", "student"))
    compared = found.compared
    monthly, can_gate = calls_per_month(compared.times, compared.weights), hasattr(loaded.student, "strangeness")
    return Basis(held, traffic, loaded.calibration.labels, monthly, teacher_usd, student_usd, can_gate)


def _each_usd(cost: Any) -> float | None:
    """Of one call, from a card's cost of a thousand."""
    usd = (cost or {}).get("usd")
    return None if usd is None else float(usd) / 1000


def choice(basis: Basis, alpha: float, delta: float) -> Choice:
    """One line."""
    rule = calibrate(alpha, delta, basis.held, basis.traffic, basis.labels)
    saved = _saved(rule.coverage, basis)
    strange = sum(answer.ood_score > rule.ood_cutoff for answer in basis.traffic.answers)
    share = strange / max(1, len(basis.traffic.answers)) if basis.can_gate else 0.0
    return Choice(
        alpha, delta, rule.threshold, rule.coverage, rule.served_disagreement, rule.least_abstention, saved,
        _errors_a_day(rule, basis), choose_order(share, basis.student_usd), rule.reason,
    )  # fmt: skip


def proved_anew(workspace: Workspace, policy: Policy, alpha: float, delta: float) -> Policy:
    """The policy for another promise, or for a student that answers elsewhere. Raises QualityGateFailed."""
    found = choice(read_basis(workspace, policy.student_id, open_for(workspace, policy)), alpha, delta)
    if found.threshold is None:
        raise QualityGateFailed(f"nothing can be served at {alpha:.1%}: {found.reason}")
    return replace(policy, alpha=alpha, delta=delta, threshold=found.threshold, order=found.order)


def _saved(coverage: Interval | None, basis: Basis) -> Interval | None:
    """USD a month: what the teacher charges for what is served, less the student's own cost of it."""
    if coverage is None or basis.calls_a_month is None or basis.teacher_usd is None or basis.student_usd is None:
        return None
    monthly = basis.calls_a_month * (basis.teacher_usd - basis.student_usd)
    low, high = sorted((monthly * coverage.low + 0.0, monthly * coverage.high + 0.0))  # + 0.0: no minus zero
    return replace(coverage, value=monthly * coverage.value + 0.0, low=low, high=high)


def _errors_a_day(rule: Calibration, basis: Basis) -> float | None:
    if rule.coverage is None or basis.calls_a_month is None:
        return None
    wrong = rule.served_disagreement.value if rule.served_disagreement else 0.0
    return basis.calls_a_month * rule.coverage.value * wrong / (365.25 / 12)

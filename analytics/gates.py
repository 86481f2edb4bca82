"""What must hold before money is counted: data, licence, and a task that a small model can learn."""

from dataclasses import dataclass
from typing import NamedTuple

from analytics.contracts import Interval

MOST_UNPRICED_SHARE = 0.5  # above it the task's spend is a guess


class Signal(NamedTuple):
    """A finding about a task and the sentence, with its number, that says why."""

    holds: bool
    sentence: str


class Reason(NamedTuple):
    """One reason for a verdict: a stable code for programs, a sentence for people."""

    code: str
    sentence: str


ABSENT = Signal(False, "")


@dataclass(frozen=True)
class Gates:
    """What the log says about one task, apart from money."""

    licence_ok: bool | None  # may the teacher's answers train a model? None: nobody has confirmed it
    trainable_rows: int
    min_rows: int
    predicted_agreement: Interval | None = None  # of a student with the teacher, before training
    alpha: float = 0.02  # disagreement allowed among answers that the student serves
    escalation_budget: float = 0.5  # largest share of calls worth handing back
    unpriced_share: float = 0.0  # calls whose price is unknown
    feasible_escalation: float | None = None  # share that must be handed back; from the agreement when None
    open_ended: Signal = ABSENT
    multi_step_reasoning: Signal = ABSENT
    long_tail: Signal = ABSENT
    teacher_unreliable: Signal = ABSENT
    low_volume: Signal = ABSENT
    error_cost_confirmed: bool = True  # a person has said what an error of this task costs
    drifting: Signal = ABSENT  # a caution: the student pays, and must be trained again sooner


def needed_escalation(error_share: float, alpha: float) -> float:
    """Smallest share of calls to hand back so that at most alpha of the rest are wrong: (mu - alpha) / (1 - alpha).

    >>> round(needed_escalation(0.06, 0.02), 10)
    0.0408163265
    """
    return max(0.0, (error_share - alpha) / (1 - alpha))


def missing_data(gates: Gates) -> list[Reason]:
    """Why nothing can be said yet."""
    reasons = []
    if gates.trainable_rows < gates.min_rows:
        sentence = f"Only {gates.trainable_rows:,} calls can train a student; {gates.min_rows:,} are needed."
        reasons.append(Reason("too-few-rows", sentence))
    if gates.unpriced_share > MOST_UNPRICED_SHARE:
        sentence = f"{gates.unpriced_share:.0%} of the calls have no known price, so the spend is not known."
        reasons.append(Reason("unpriced", sentence))
    return reasons


def refusals(gates: Gates) -> list[Reason]:
    """Why the task must not be distilled whatever it would save; each on its own."""
    reasons = []
    if gates.licence_ok is False:
        reasons.append(Reason("licence", "The teacher's licence does not let its answers train another model."))
    named = {
        "open-ended": gates.open_ended,
        "multi-step-reasoning": gates.multi_step_reasoning,
        "long-tail": gates.long_tail,
        "teacher-unreliable": gates.teacher_unreliable,
    }
    reasons += [Reason(code, signal.sentence) for code, signal in named.items() if signal.holds]
    return reasons + _escalation(gates)


def cautions(gates: Gates) -> list[Reason]:
    """What a reader must know beside the verdict."""
    reasons = []
    if gates.licence_ok is None:
        sentence = "Nobody has confirmed that the teacher's licence allows training on its answers."
        reasons.append(Reason("licence-unconfirmed", sentence))
    if 0 < gates.unpriced_share <= MOST_UNPRICED_SHARE:
        sentence = f"{gates.unpriced_share:.1%} of the calls have no known price and are left out of the spend."
        reasons.append(Reason("partly-unpriced", sentence))
    if gates.drifting.holds:
        reasons.append(Reason("drifting", gates.drifting.sentence))
    return reasons


def _escalation(gates: Gates) -> list[Reason]:
    needed, agreement = gates.feasible_escalation, gates.predicted_agreement
    if needed is None and agreement is not None:
        needed = needed_escalation(1 - agreement.value, gates.alpha)
    if needed is None or needed <= gates.escalation_budget:
        return []
    seen = f" (predicted agreement {agreement.value:.0%})" if agreement else ""
    sentence = (
        f"To keep disagreement at {gates.alpha:.1%}, {needed:.0%} of the calls would go back to the teacher{seen}; "
        f"more than {gates.escalation_budget:.0%} does not pay."
    )
    return [Reason("infeasible-escalation", sentence)]

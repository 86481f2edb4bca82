"""What is promised of quality, and the next step with what it costs against what it is worth."""

from dataclasses import dataclass
from typing import NamedTuple

from analytics.assumptions import Assumptions
from analytics.contracts import Interval, Verdict
from analytics.decision import Decision
from analytics.profile import TaskProfile
from analytics.settings import DEFAULT_OWNER

ALPHA = 0.02  # disagreement allowed among answers that a student serves, until a plan says otherwise
DELTA = 0.05  # chance that the bound is broken, until a plan says otherwise


@dataclass(frozen=True)
class Promise:
    """P(disagreement among the answers that the student serves <= alpha) >= 1 - delta, by calibration."""

    alpha: float
    delta: float
    coverage: float | None  # share of the calls that it could serve under that bound, foretold before training
    agreement: Interval | None  # with the teacher on requests it has not seen, foretold
    error_delta: float  # extra errors a served call, assumed [share]
    error_cost_calls: float  # what one extra error costs, assumed [calls]
    error_cost_usd: float
    is_confirmed: bool  # a person has said what an error costs


class Step(NamedTuple):
    """The cheapest next step: its cost, and what it is worth beforehand [USD]."""

    sentence: str
    cost_usd: float | None
    worth_usd: float | None
    worth_is: str  # what the worth means
    owner: str = DEFAULT_OWNER  # the role that does it


def promise(profile: TaskProfile, student: Assumptions, *, is_confirmed: bool) -> Promise:
    """From what was measured and assumed."""
    narrow = profile.narrowness
    calls = student.value("error_cost_calls")
    return Promise(
        alpha=ALPHA,
        delta=DELTA,
        coverage=narrow.predicted_coverage if narrow else None,
        agreement=narrow.predicted_agreement if narrow else None,
        error_delta=student.value("error_delta"),
        error_cost_calls=calls,
        error_cost_usd=calls * student.value("call_cost_usd"),
        is_confirmed=is_confirmed,
    )


def next_step(sentence: str, decision: Decision, student: Assumptions) -> Step:
    """What to do next, priced. A pilot against its information, a student against its mean value."""
    verdict, figures = decision.verdict, decision.economics
    if verdict is Verdict.PILOT:
        worth = decision.prospects.information.evsi_pilot_usd if decision.prospects else None
        return Step(sentence, student.value("pilot_usd"), worth, "what a full pilot shows, on average")
    if verdict is Verdict.DISTILL:
        return Step(sentence, figures.one_off_usd, figures.simulation.npv_mean_usd, "mean value over 24 months")
    if verdict is Verdict.CHEAPER_FIX_FIRST:
        return _fix(sentence, decision)
    if verdict is Verdict.WAIT and decision.prospects:
        return Step(sentence, 0.0, decision.prospects.waiting.gain_usd, "what waiting adds")
    return Step(sentence, 0.0, None, "")


def _fix(sentence: str, decision: Decision) -> Step:
    names = decision.economics.configuration.levers
    chosen = [one for one in decision.alternatives if one.alternative.name in names]
    cost = sum(one.alternative.one_off_usd for one in chosen)
    worth = decision.economics.configuration.npv_24m_usd
    return Step(sentence, cost, worth, f"value of {' and '.join(names)} over 24 months")

"""Error rate by audits with the help of a judge that has seen every served answer: here, the student's own doubt.

Prediction-powered (PPI++, Angelopoulos et al. 2023): the mean of the judge's figure over all served answers, corrected
on audits by 1 / propensity. A judge that knows nothing gets the weight 0 and costs nothing.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from analytics.contracts import Interval

PLANNED_SERVED = 20_000  # answers at which the interval is made to be tightest; fixed beforehand
LEAST_AUDITS = 50  # the variance is an estimate


class Judged(NamedTuple):
    """One audit with what the judge said before it."""

    propensity: float
    is_wrong: bool
    judged: float  # chance of being wrong, 1 - confidence


class Served(NamedTuple):
    """All served answers, as the judge sees them."""

    answers: int
    judged_sum: float
    judged_squares: float


def tightest_rho(looks: float, alpha: float = 0.05) -> float:
    """The rho for which an asymptotic confidence sequence is tightest at so many observations.

    >>> round(tightest_rho(1000), 10)
    0.0890850975
    """
    wide = -2 * math.log(alpha)
    return math.sqrt((wide + math.log(wide + 1)) / looks)


def asymptotic_half_width(sd: float, n: float, rho: float, alpha: float = 0.05) -> float:
    """sd sqrt(2 (n rho^2 + 1) / (n^2 rho^2) ln(sqrt(n rho^2 + 1) / alpha)) (Waudby-Smith et al. 2024).

    >>> round(asymptotic_half_width(0.3, 1000, 0.0890850975), 10)
    0.0287945208
    """
    grown = n * rho * rho + 1
    return sd * math.sqrt(2 * grown / (n * rho) ** 2 * math.log(math.sqrt(grown) / alpha))


def judged_error(audits: Sequence[Judged], served: Served, alpha: float = 0.05) -> tuple[Interval, float] | None:
    """Error rate of all served answers with an interval for every look, and the weight of the judge.

    value = [w sum f + sum over audits of (wrong - w f) / propensity] / n. None with too few audits to know a variance.
    """
    n = served.answers
    if len(audits) < LEAST_AUDITS or n < len(audits):
        return None
    weight = _tuned(audits)
    residues = [(one.is_wrong - weight * one.judged) / one.propensity for one in audits]
    value = (weight * served.judged_sum + sum(residues)) / n
    plain = [weight * one.judged for one in audits]
    squares = weight**2 * served.judged_squares - sum(one * one for one in plain)
    squares += sum((mine + residue) ** 2 for mine, residue in zip(plain, residues, strict=True))
    sd = math.sqrt(max(0.0, squares / n - value * value))
    half = asymptotic_half_width(sd, n, tightest_rho(PLANNED_SERVED, alpha), alpha)
    covers = f"{1 - alpha:.0%} asymptotic confidence sequence, prediction-powered by the student's confidence, audits "
    covers += "weighted by 1/propensity: mean error rate of the answers served so far; holds at every look, for many"
    kept = min(max(value, 0.0), 1.0)
    return Interval(kept, max(0.0, value - half), min(1.0, value + half), covers, len(audits)), weight


def _tuned(audits: Sequence[Judged]) -> float:
    """Weight of the judge for the least variance, within 0 and 1: regression of the loss on its figure."""
    whole = sum(1 / one.propensity for one in audits)
    wrong = sum(one.is_wrong / one.propensity for one in audits) / whole
    judged = sum(one.judged / one.propensity for one in audits) / whole
    shared = sum((one.is_wrong - wrong) * (one.judged - judged) / one.propensity for one in audits)
    spread = sum((one.judged - judged) ** 2 / one.propensity for one in audits)
    return min(1.0, max(0.0, shared / spread)) if spread > 0 else 0.0

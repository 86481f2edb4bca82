"""What audits say of served answers, valid at every look: e-values, confidence sequences and a CUSUM of e-values.

An audit is drawn with a known chance, its propensity, and clusters that are seen seldom are audited more. So an audit
enters with the weight r = least propensity of its policy / its own propensity, at most 1. For each p the product over
audits of 1 + r theta (wrong - m), theta = (p - m) / (m (1 - m)), is a fair or losing game as long as answers are wrong
with chance m, whatever the mix of clusters (betting, Waudby-Smith and Ramdas 2024, on importance-weighted losses). With
equal propensities r is 1, and it is the likelihood ratio of p against m. Games are averaged over p, uniformly.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.contracts import Interval

Array = NDArray[np.float64]
NODES = 512  # of the Gauss-Legendre rule: exact for 1,023 audits, and closer than 1e-6 for 100,000
ALTERNATIVES = (1.5, 2.0, 3.0, 5.0)  # times the promised rate, that the CUSUM looks for
FALSE_ALARM_DAYS = 730.0  # least mean time to a false alarm, looked at once a day: one in two years a student
POWER_Z, LEVEL_Z = 0.8416212335729143, 1.6448536269514722  # 80 % power, 5 % one-sided


class Audit(NamedTuple):
    """One answer of a student that the teacher was asked about as well."""

    weight: float  # r, above 0 and at most 1
    is_wrong: bool  # it differs from the teacher's
    propensity: float  # chance that it was audited


Counts = tuple[tuple[float, int, int], ...]  # weight, wrong, right


def counted(audits: Iterable[Audit]) -> Counts:
    """Audits that say the same, together: all that the formulas need."""
    found = Counter((audit.weight, audit.is_wrong) for audit in audits)
    weights = sorted({weight for weight, _ in found})
    return tuple((weight, found[weight, True], found[weight, False]) for weight in weights)


def log_wealth(counts: Counts, alternatives: Array, rate: float) -> Array:
    """Log of each game's product, against the hypothesis that answers are wrong with chance ``rate``."""
    total = np.zeros_like(alternatives)
    theta = (alternatives - rate) / (rate * (1 - rate))
    for weight, wrong, right in counts:
        total += wrong * np.log1p(weight * theta * (1 - rate)) + right * np.log1p(-weight * theta * rate)
    return total


def e_value_above(counts: Counts, promised: float) -> float:
    """Evidence that answers are wrong more often than promised, as a factor; 1 without audits.

    Mixture over p in (promised, 1): with equal weights, the integral of p^x (1-p)^(n-x) over (p0, 1) / ((1 - p0)
    p0^x (1-p0)^(n-x)). An e-process: under "never above", the chance that it ever reaches 1 / delta is at most delta
    (Ville), whenever one looks and however the error rate moves below the promise.
    """
    points, shares = _rule(promised, 1.0)
    return math.exp(min(700.0, _log_mean(log_wealth(counts, points, promised), shares)))


def confidence_sequence(counts: Counts, value: float, delta: float = 0.05) -> tuple[float, float]:
    """All error rates m whose mixture over p in (0, 1) stays below 1 / delta; holds at every look at once.

    With equal weights this is the Beta(1, 1) mixture of a Bernoulli rate. value: an estimate inside.
    """
    points, shares = _rule(0.0, 1.0)
    limit = -math.log(delta)

    def beyond(rate: float) -> float:
        return _log_mean(log_wealth(counts, points, rate), shares) - limit

    middle = min(max(value, 1e-9), 1 - 1e-9)
    return _edge(0.0, middle, beyond), _edge(1.0, middle, beyond)


def error_rate(audits: Sequence[Audit]) -> float | None:
    """Share of served answers that are wrong: wrong audits over all, each by 1 / propensity (Hajek 1971)."""
    whole = sum(1 / audit.propensity for audit in audits)
    return sum(1 / audit.propensity for audit in audits if audit.is_wrong) / whole if whole else None


def error_interval(audits: Sequence[Audit], since: str, delta: float = 0.05) -> Interval | None:
    """The estimate with its confidence sequence; None without audits."""
    value = error_rate(audits)
    if value is None:
        return None
    low, high = confidence_sequence(counted(audits), value, delta)
    covers = f"{1 - delta:.0%} confidence sequence, audits weighted by 1/propensity: error rate of all answers served "
    covers += f"since {since} if it did not move; holds at every look at once"
    return Interval(value, min(low, value), max(high, value), covers, len(audits))


class Cusum(NamedTuple):
    """State of the alarm after a day."""

    wealth: tuple[float, ...]  # of each alternative, as logarithms

    @property
    def value(self) -> float:
        """ln of the mean wealth; over ``threshold()`` it is an alarm."""
        top = max(self.wealth)
        return top + math.log(sum(math.exp(one - top) for one in self.wealth) / len(self.wealth))


CUSUM_START = Cusum((0.0,) * len(ALTERNATIVES))


def cusum_step(before: Cusum, counts: Counts, promised: float) -> Cusum:
    """One day more: M <- max(M, 1) x the day's product, for each alternative error rate.

    An e-detector (Shin, Ramdas and Rinaldo 2024): while answers are wrong no more often than promised, the mean time
    until the mean of the M reaches c is at least c looks. Unlike an e-value since the start, it forgets good times.
    """
    points = np.array([min(0.999, promised * times) for times in ALTERNATIVES])
    gains = log_wealth(counts, points, promised)
    return Cusum(tuple(max(one, 0.0) + float(gain) for one, gain in zip(before.wealth, gains, strict=True)))


def threshold() -> float:
    """ln of the least mean time to a false alarm [days]."""
    return math.log(FALSE_ALARM_DAYS)


def smallest_detectable_rise(promised: float, audits: Sequence[Audit], weeks: float) -> float | None:
    """Rise of the error rate above the promise that one week of audits shows (5 % one-sided, 80 % power) [share].

    d = z_level sqrt(p (1-p) / n) + z_power sqrt((p+d) (1-p-d) / n), n what a week's audits are worth. None without any.
    """
    if not audits or weeks <= 0:
        return None
    n, rise = worth_of(audits) / weeks, 0.0
    for _ in range(100):
        reached = min(promised + rise, 1.0)
        spread = POWER_Z * math.sqrt(reached * (1 - reached) / n)
        rise = min(LEVEL_Z * math.sqrt(promised * (1 - promised) / n) + spread, 1 - promised)
    return rise


def worth_of(audits: Sequence[Audit]) -> float:
    """Equally likely audits that these are worth: (sum 1/propensity)^2 / sum 1/propensity^2 (Kish 1965)."""
    squares = sum(1 / one.propensity**2 for one in audits)
    return sum(1 / one.propensity for one in audits) ** 2 / squares if squares else 0.0


def bernoulli_e_value(wrong: int, right: int, promised: float) -> float:
    """``e_value_above`` of equally likely audits in closed form; the two are held equal by a test."""
    from scipy.special import betainc, betaln

    a, b = wrong + 1, right + 1
    logs = betaln(a, b) + math.log1p(-float(betainc(a, b, promised))) - math.log1p(-promised)
    return math.exp(logs - wrong * math.log(promised) - right * math.log1p(-promised))


def discordant_e_value(one: int, other: int) -> float:
    """Evidence that two answerers differ, from rows on which one alone is right: 2^n B(b + 1/2, c + 1/2) / B(1/2, 1/2).

    >>> round(discordant_e_value(24, 12), 4), round(discordant_e_value(40, 12), 7)
    (1.0138, 312.7830381)
    """
    from scipy.special import betaln

    n = one + other
    return math.exp(n * math.log(2) + float(betaln(one + 0.5, other + 0.5)) - float(betaln(0.5, 0.5)))


def _edge(limit: float, kept: float, beyond: Callable[[float], float]) -> float:
    """Where a function that is below 0 at ``kept`` crosses 0 on the way to a limit; the limit where it does not."""
    from scipy.optimize import brentq

    out = abs(limit - 1e-12)
    if beyond(out) < 0:
        return limit
    return kept if beyond(kept) >= 0 else float(brentq(beyond, kept, out, xtol=1e-13, rtol=1e-12))


@cache
def _legendre() -> tuple[Array, Array]:
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    return (nodes + 1) / 2, weights / 2


def _rule(low: float, high: float) -> tuple[Array, Array]:
    """Points in the range and the share of each in a uniform mean."""
    nodes, shares = _legendre()
    return low + (high - low) * nodes, shares


def _log_mean(logs: Array, shares: Array) -> float:
    top = float(logs.max())
    return top + math.log(float((np.exp(logs - top) * shares).sum()))

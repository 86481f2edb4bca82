"""Intervals, tests and bounds on counts: pure functions, numbers in and numbers out.

Each formula is checked in the tests against published or independently computed figures.
scipy is imported where it is used, so that starting a command stays fast.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from analytics.contracts import Interval

Z_95 = 1.959963984540054  # two-sided 95 % point of the standard normal


def wilson(successes: int, n: int) -> Interval | None:
    """95 % interval of a share, good for small n and shares near 0 or 1 (Wilson 1927).

    Returns None without observations: an unknown share is not 0.
    """
    if n == 0:
        return None
    share, z2 = successes / n, Z_95 * Z_95
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == n else min(1.0, centre + half)
    return Interval(share, min(low, share), max(high, share), "95% Wilson", n)


def clopper_pearson_upper(failures: int, n: int, delta: float = 0.05) -> float:
    """Upper bound of a failure rate, broken with chance at most ``delta`` (Clopper and Pearson 1934).

    The (1 - delta) point of Beta(failures + 1, n - failures): no failure in 299 proves only < 1 %.
    """
    from scipy.stats import beta

    return 1.0 if failures >= n else float(beta.ppf(1 - delta, failures + 1, n - failures))


class PairedTest(NamedTuple):
    """Two answerers compared on the same rows."""

    only_first: int  # rows that only the first got right
    only_second: int
    p_value: float  # two-sided; 1 when they never differ


def mcnemar_exact(first_right: Sequence[bool], second_right: Sequence[bool]) -> PairedTest:
    """Do two answerers differ on the same rows? The rows on which one alone is right decide (McNemar 1947).

    Exact: under equality each such row is a fair coin, so p = 2 * BinomCDF(min(b, c); b + c, 1/2).
    """
    pairs = list(zip(first_right, second_right, strict=True))
    only_first = sum(1 for first, second in pairs if first and not second)
    only_second = sum(1 for first, second in pairs if second and not first)
    return PairedTest(only_first, only_second, mcnemar_p_value(only_first, only_second))


def mcnemar_p_value(only_first: int, only_second: int) -> float:
    """Exact two-sided p-value from the two discordant counts."""
    from scipy.stats import binom

    discordant = only_first + only_second
    if discordant == 0:
        return 1.0
    return min(1.0, 2 * float(binom.cdf(min(only_first, only_second), discordant, 0.5)))


def excess_error_p_value(errors: int, accepted: int, alpha: float) -> float:
    """Chance of so few errors if the true error rate were ``alpha``: BinomCDF(errors; accepted, alpha)."""
    from scipy.stats import binom

    return float(binom.cdf(errors, accepted, alpha))


class FixedSequence(NamedTuple):
    """Outcome of Learn-then-Test over an ordered list of thresholds."""

    chosen: int | None  # index of the last threshold that passed; None when the first failed
    p_values: tuple[float, ...]  # up to and including the first failure


def learn_then_test(accepted: Sequence[int], errors: Sequence[int], alpha: float, delta: float) -> FixedSequence:
    """The laxest threshold whose error rate is proved to be at most ``alpha``.

    Thresholds run from strict to lax and were fixed before the errors were seen. Each is tested at level
    ``delta``; the walk stops at the first that fails, which keeps the chance of any false pass at ``delta``
    without paying for the number of thresholds (Angelopoulos et al. 2021, fixed-sequence testing).
    """
    p_values: list[float] = []
    for count, wrong in zip(accepted, errors, strict=True):
        p_values.append(excess_error_p_value(wrong, count, alpha) if count else 1.0)
        if p_values[-1] > delta:
            return FixedSequence(len(p_values) - 2 if len(p_values) > 1 else None, tuple(p_values))
    return FixedSequence(len(p_values) - 1 if p_values else None, tuple(p_values))


def least_abstention(student_error: float, alpha: float) -> float:
    """Share of traffic that any router must leave to the teacher.

    (error - alpha) / (1 - alpha), never below 0: with a student wrong on a share ``student_error`` of all
    inputs, no threshold can serve more and keep the error of what it serves at ``alpha``.
    """
    return max(0.0, (student_error - alpha) / (1 - alpha))


def accepted_needed(alpha: float, delta: float, error_rate: float = 0.0, limit: int = 262_144) -> int | None:
    """Accepted answers from which Learn-then-Test can pass at an observed ``error_rate``.

    The least n with BinomCDF(floor(error_rate * n); n, alpha) <= delta; without an error that is
    n >= ln(delta) / ln(1 - alpha). None when no n up to ``limit`` does, as when the rate is not below alpha.
    """
    import numpy as np
    from scipy.stats import binom

    if error_rate >= alpha:
        return None
    start, stop = 1, 1_024
    while start <= limit:
        n = np.arange(start, stop + 1)
        passes = binom.cdf(np.floor(error_rate * n + 1e-9), n, alpha) <= delta
        if passes.any():
            return int(n[passes.argmax()])
        start, stop = stop + 1, stop * 4
    return None


def good_turing_novelty(times_seen: Sequence[int]) -> float | None:
    """Chance that the next input is one never seen before: inputs seen once / all (Good 1953).

    times_seen: how often each distinct input occurred. Returns None without inputs.
    """
    total = sum(times_seen)
    return sum(1 for count in times_seen if count == 1) / total if total else None


def quantile(values: Sequence[float], share: float) -> float | None:
    """The value below which ``share`` of the values lie, interpolated; None without values."""
    ordered = sorted(values)
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])

"""Has what comes in, or what comes out, changed? A test that says yes asks for more audits; it is no verdict by itself.

Two windows of routed calls are compared: the first weeks of service and the last. Shares by PSI, whose value where
nothing changed is spread like chi-squared with B - 1 degrees of freedom times (1/n + 1/m) (Yurdakul 2018); the usual
cuts of 0.1 and 0.25 ignore n. Numbers by Kolmogorov and Smirnov. With many calls the least shift is seen, so a test
must also pass a least size of shift to count.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

LEVEL = 0.001  # over all tests of one look together (Bonferroni)
LEAST_PSI = 0.1
LEAST_KS = 0.1
BINS = 20  # commonest kinds; the rest are one
LEAST_CALLS = 100  # in each window


class DriftTest(NamedTuple):
    """One test."""

    test: str  # inputs, clusters, novelty, outputs, confidence
    statistic: float | None  # None: too few calls, or the figure is not known
    p_value: float | None
    threshold: float | None  # above it the test is triggered
    triggered: bool
    measure: str  # psi or ks


class Window(NamedTuple):
    """Some routed calls; what is not known is left out."""

    inputs: Sequence[float]  # characters
    clusters: Sequence[str]
    novelty: Sequence[float]  # distance to what was taught
    outputs: Sequence[str]  # of the student
    confidence: Sequence[float]


def drift_tests(before: Window, now: Window) -> list[DriftTest]:
    """All five, in a fixed order."""
    return [
        _numbers("inputs", before.inputs, now.inputs),
        _kinds("clusters", before.clusters, now.clusters),
        _numbers("novelty", before.novelty, now.novelty),
        _kinds("outputs", before.outputs, now.outputs),
        _numbers("confidence", before.confidence, now.confidence),
    ]


def psi(before: Sequence[float], now: Sequence[float]) -> float:
    """Sum of (q - p) ln(q / p) over two mixes of the same kinds (shares; none may be 0).

    >>> round(psi([0.25, 0.25, 0.25, 0.25], [0.2, 0.25, 0.25, 0.3]), 10)
    0.0202732554
    """
    return sum((q - p) * math.log(q / p) for p, q in zip(before, now, strict=True))


def psi_cut(kinds: int, n: int, m: int, level: float) -> float:
    """PSI exceeded with chance ``level`` where nothing changed: chi-squared point (B - 1) x (1/n + 1/m).

    >>> round(psi_cut(10, 1000, 1000, 0.05), 10)
    0.0338379552
    """
    from scipy.stats import chi2

    return float(chi2.isf(level, kinds - 1)) * (1 / n + 1 / m)


def _kinds(name: str, before: Sequence[str], now: Sequence[str]) -> DriftTest:
    from scipy.stats import chi2

    n, m = len(before), len(now)
    common = [kind for kind, _ in Counter([*before, *now]).most_common(BINS)]
    if min(n, m) < LEAST_CALLS or len(set(before) | set(now)) < 2:
        return DriftTest(name, None, None, None, False, "psi")
    shares = [_shares(Counter(window), len(window), common) for window in (before, now)]
    found, scale = psi(*shares), 1 / n + 1 / m
    cut = max(LEAST_PSI, psi_cut(len(shares[0]), n, m, LEVEL / 5))
    return DriftTest(name, found, float(chi2.sf(found / scale, len(shares[0]) - 1)), cut, found > cut, "psi")


def _shares(counts: Mapping[str, int], total: int, common: Sequence[str]) -> list[float]:
    """Shares of the common kinds and of the rest, half a call added to each so that none is 0."""
    known = [counts.get(kind, 0) for kind in common]
    cells = [*known, total - sum(known)]
    return [(count + 0.5) / (total + 0.5 * len(cells)) for count in cells]


def _numbers(name: str, before: Sequence[float], now: Sequence[float]) -> DriftTest:
    from scipy.stats import ks_2samp

    n, m = len(before), len(now)
    if min(n, m) < LEAST_CALLS:
        return DriftTest(name, None, None, None, False, "ks")
    test = ks_2samp(before, now, method="asymp")
    cut = max(LEAST_KS, math.sqrt(-math.log(LEVEL / 5 / 2) / 2 * (1 / n + 1 / m)))
    found = float(test.statistic)
    return DriftTest(name, found, float(test.pvalue), cut, found > cut, "ks")

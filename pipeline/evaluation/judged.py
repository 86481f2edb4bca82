"""What a judge's verdicts are worth: its agreement with gold, and shares corrected for its mistakes.

Rogan-Gladen (1978) turns the share that a judge accepts into the true one by its sensitivity and specificity; the
interval (Lang and Reiczigel 2014) carries the doubt about both. PPI++ (Angelopoulos et al. 2023) adds to the mean over
rows with gold what the judge knows of rows without, weighted by how well it predicts, so that a useless judge costs
nothing.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.contracts import Interval
from analytics.statistics import Z_95, wilson

Vector = NDArray[np.float64]
LEAST_GOLD = 20  # rows with gold of each sort; fewer do not measure a judge


@dataclass(frozen=True)
class JudgeReport:
    """A judge's word on answers that differ from the teacher's: is the student's not worse?"""

    judge: str
    model: str
    asked: int
    unreadable: int  # verdicts that had not the form asked for
    accepted: Interval | None  # as the judge says, uncorrected
    agreement_with_gold: Interval | None
    sensitivity: Interval | None  # accepted among those that are not worse by gold
    specificity: Interval | None  # refused among those that are worse by gold
    corrected: Interval | None  # Rogan-Gladen; None: the judge is no better than a coin, or too few rows with gold
    with_gold: Interval | None  # PPI++; None: no row with gold, or none without
    weight: float | None  # of the judge in PPI++: 0 useless, 1 as good as gold
    why: str


def judge_report(judge: str, model: str, verdicts: Sequence[bool | None], truth: Sequence[bool | None]) -> JudgeReport:
    """verdicts, truth: is the student's answer not worse? None where a verdict is unreadable or nobody knows."""
    read = [(said, fact) for said, fact in zip(verdicts, truth, strict=True) if said is not None]
    known = [(said, fact) for said, fact in read if fact is not None]
    good, bad = [said for said, fact in known if fact], [said for said, fact in known if not fact]
    accepted = sum(said for said, _ in read)
    enough = min(len(good), len(bad)) >= LEAST_GOLD
    corrected = (
        rogan_gladen_interval(accepted, len(read), sum(good), len(good), bad.count(False), len(bad)) if enough else None
    )
    pooled = _ppi(read) if known else None
    return JudgeReport(
        judge, model, len(verdicts), len(verdicts) - len(read), wilson(accepted, len(read)),
        wilson(sum(said == fact for said, fact in known), len(known)),
        wilson(sum(good), len(good)), wilson(bad.count(False), len(bad)),
        corrected, pooled[0] if pooled else None, pooled[1] if pooled else None,
        _why(enough, len(good), len(bad), corrected),
    )  # fmt: skip


def _why(enough: bool, good: int, bad: int, corrected: Interval | None) -> str:
    if not enough:
        return f"gold says not worse of {good} and worse of {bad}; {LEAST_GOLD} of each are needed to measure a judge"
    return "corrected by agreement with gold" if corrected else "the judge is no better than a coin: nothing to correct"


def rogan_gladen(accepted: float, sensitivity: float, specificity: float) -> float | None:
    """The true share behind an accepted one, within 0 and 1; None where the judge is no better than a coin.

    (q + sp - 1) / (se + sp - 1)

    >>> round(rogan_gladen(0.90, 0.95, 0.80), 10)
    0.9333333333
    """
    power = sensitivity + specificity - 1
    return min(1.0, max(0.0, (accepted + specificity - 1) / power)) if power > 0 else None


def rogan_gladen_interval(accepted: int, n: int, hits: int, good: int, refusals: int, bad: int) -> Interval | None:
    """With 95 % interval. hits of good: accepted among the truly good; refusals of bad: refused among the bad."""
    if not (n and good and bad):
        return None
    value = rogan_gladen(accepted / n, hits / good, refusals / bad)
    z2 = Z_95 * Z_95
    q, rows = (accepted + z2 / 2) / (n + z2), n + z2
    se, sp = (hits + 1) / (good + 2), (refusals + 1) / (bad + 2)
    power = se + sp - 1
    if value is None or power <= 0:
        return None
    middle = (q + sp - 1) / power
    doubt_se, doubt_sp = se * (1 - se) / good, sp * (1 - sp) / bad
    half = Z_95 * math.sqrt(q * (1 - q) / rows + middle**2 * doubt_se + (1 - middle) ** 2 * doubt_sp) / power
    shift = 2 * z2 * (middle * doubt_se - (1 - middle) * doubt_sp)
    low, high = (min(1.0, max(0.0, middle + shift + side * half)) for side in (-1, 1))
    return Interval(value, min(low, value), max(high, value), "95% Rogan-Gladen (Lang-Reiczigel)", n)


def ppi_mean(
    truth: Sequence[float], judged: Sequence[float], judged_alone: Sequence[float], weight: float | None = None
) -> tuple[Interval, float]:
    """PPI++ mean with its 95 % interval, and the weight of the judge (tuned for the least variance, if not given).

    truth, judged: on the same rows with gold. judged_alone: on rows without. All need at least two rows.
    mean = w mean(judged_alone) + mean(truth - w judged);
    w = Cov(truth, judged) / ((1 + n / N) Var(judged, judged_alone)), within 0 and 1
    """
    y, f, g = (np.asarray(column, dtype=np.float64) for column in (truth, judged, judged_alone))
    w = _tuned(y, f, g) if weight is None else weight
    value = float(w * g.mean() + (y - w * f).mean())
    half = Z_95 * math.sqrt(w * w * g.var() / len(g) + (y - w * f).var() / len(y))
    return Interval(value, value - half, value + half, "95% PPI++", len(y) + len(g)), w


def _tuned(y: Vector, f: Vector, g: Vector) -> float:
    spread = float(np.concatenate([f, g]).var(ddof=1))
    if spread == 0:
        return 0.0
    covariance = float(np.cov(y, f, ddof=0)[0, 1])
    return float(np.clip(covariance / ((1 + len(f) / len(g)) * spread), 0, 1))


def _ppi(read: Sequence[tuple[bool, bool | None]]) -> tuple[Interval, float] | None:
    known = [(float(fact), float(said)) for said, fact in read if fact is not None]
    alone = [float(said) for said, fact in read if fact is None]
    if len(known) < LEAST_GOLD or len(alone) < 2:
        return None
    return ppi_mean([fact for fact, _ in known], [said for _, said in known], alone)

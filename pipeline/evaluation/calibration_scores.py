"""Does a confidence mean what it says, and do the surest answers come first?

ECE = sum over bins of share x |mean confidence - share right|, over bins of equal numbers of rows (Naeini et al. 2015,
equal mass). Brier = mean of (confidence - right)^2 (Brier 1950). The risk-coverage curve is the error among the k
surest answers; AURC its mean over k (Geifman and El-Yaniv 2017), and excess AURC what remains above the best order.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 10
CURVE_POINTS = 20
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class CalibrationScores:
    """How far confidences can be trusted on some rows."""

    on: str  # new inputs, traffic
    ece: float
    bins: int  # of equal numbers of rows
    brier: float
    aurc: float
    excess_aurc: float
    risk_coverage: list[tuple[float, float]]  # share of the surest answers, and the error among them
    n: int


def calibration_scores(on: str, confidences: Sequence[float], is_right: Sequence[bool]) -> CalibrationScores | None:
    """All of them on the same rows; None without rows."""
    sure, right = np.asarray(confidences, dtype=np.float64), np.asarray(is_right, dtype=np.float64)
    if not len(sure):
        return None
    area = aurc(sure, right)
    scores = (expected_calibration_error(sure, right), BINS, float(((sure - right) ** 2).mean()), area)
    return CalibrationScores(on, *scores, area - best_aurc(right), _curve(sure, right), len(sure))


def expected_calibration_error(sure: Vector, right: Vector, bins: int = BINS) -> float:
    """ECE over bins of equal numbers of rows, the least sure first."""
    order = np.argsort(sure, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    gaps = [abs(float(sure[part].mean() - right[part].mean())) * len(part) for part in parts]
    return sum(gaps) / len(sure)


def risks(sure: Vector, right: Vector) -> Vector:
    """Error among the 1, 2, ... surest answers; of equally sure ones the first comes first."""
    order = np.argsort(-sure, kind="stable")
    found: Vector = np.cumsum(1 - right[order]) / np.arange(1, len(sure) + 1)
    return found


def aurc(sure: Vector, right: Vector) -> float:
    """Area under the risk-coverage curve: the mean of ``risks``."""
    return float(risks(sure, right).mean())


def best_aurc(right: Vector) -> float:
    """The least area that any order of these answers could have: every mistake last."""
    return aurc(right, right)


def _curve(sure: Vector, right: Vector) -> list[tuple[float, float]]:
    found = risks(sure, right)
    ends = sorted({max(1, round(len(found) * step / CURVE_POINTS)) for step in range(1, CURVE_POINTS + 1)})
    return [(end / len(found), float(found[end - 1])) for end in ends]

"""The constants of a prediction, fitted on some tasks so that others can judge them.

Every data set weighs the same, however many tasks and sizes it gave. Leaving one out leaves out all tasks of its data
set, since they share texts.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from analytics.prediction import TESTED_ON, Calibration, Odds, TunedCalibration, extrapolate, later, log_odds, share_of
from analytics.stand_ins import Rung

LEVEL = 0.85  # for ranges that claim 80 %: two dozen data sets differ less than all tasks do
LEAST_DOUBLING = 0.12  # few data sets reach far beyond the sample, and a fit on few is too sure of itself
LEAST_GAIN_SPREAD = 0.45  # of log-odds: one data set alone may gain three times what the others do
Z_80 = 1.2815515655446004  # two-sided 80 % point of the standard normal
Fitted = TypeVar("Fitted")


@dataclass(frozen=True)
class Case:
    """A prediction's ingredients beside what a student reached."""

    task: str
    source: str
    sample: int  # requests that the prediction saw
    lessons: int  # that the student learned from
    requests: int  # distinct ones that the stand-in was asked
    rungs: tuple[Rung, ...]
    neighbour: float
    majority: float
    drop: float  # lost by the newest requests
    achieved: float
    test_rows: int

    @property
    def doublings(self) -> float:
        """Of the sample until there are as many lessons."""
        return float(np.log2(self.lessons / self.rungs[0].lessons))


def odds(case: Case, by: Calibration, tested_on: int = TESTED_ON) -> Odds:
    """What would have been predicted."""
    return later(extrapolate(case.rungs, case.requests, case.lessons, by, tested_on), case.drop)


def weights(cases: Sequence[Case]) -> np.ndarray:
    counts = Counter(case.source for case in cases)
    raw = np.array([1 / counts[case.source] for case in cases])
    return raw / raw.sum()


def achieved_odds(case: Case) -> float:
    return log_odds((case.achieved * case.test_rows + 0.5) / (case.test_rows + 1))


def residuals(cases: Sequence[Case], by: Calibration) -> tuple[np.ndarray, np.ndarray]:
    """Achieved less predicted, and the variance by chance alone, both in log-odds."""
    found = [odds(case, by, case.test_rows) for case in cases]
    missed = np.array([achieved_odds(case) - one.centre for case, one in zip(cases, found, strict=True)])
    return missed, np.array([one.spread**2 for one in found])


def fit(cases: Sequence[Case]) -> Calibration:
    """Damping by least absolute error; the spread between tasks by maximum likelihood where the curve is hardly drawn
    out; the reach there by the quantile; the spread a doubling so that the same reach holds as much further out."""
    weigh = weights(cases)
    damping = float(min(np.arange(0.4, 1.01, 0.05), key=lambda kept: float(weigh @ _missed(cases, kept))))
    near, far = [[case for case in cases if (case.doublings > 1) is out] for out in (False, True)]
    task = min(np.arange(0.02, 0.5, 0.01), key=lambda spread: _surprise(near, Calibration(damping, spread, 0.0, 1.0)))
    held = reach(near, Calibration(damping, float(task), 0.0, 1.0))
    wide = [Calibration(damping, float(task), float(one), held) for one in np.arange(LEAST_DOUBLING, 0.4, 0.01)]
    return next(by for by in wide if not far or reach(far, by) <= held or by is wide[-1])


def _surprise(cases: Sequence[Case], by: Calibration) -> float:
    """Minus twice the mean log-likelihood."""
    missed, variance = residuals(cases, by)
    return float(weights(cases) @ (np.log(variance) + missed**2 / variance))


def _missed(cases: Sequence[Case], damping: float) -> np.ndarray:
    by = Calibration(float(damping), 0.0, 0.0, 1.0)
    predicted = [share_of(odds(case, by).centre) for case in cases]
    return np.abs(np.array(predicted) - np.array([case.achieved for case in cases]))


def reach(cases: Sequence[Case], by: Calibration) -> float:
    """Spreads to either side that hold ``LEVEL`` of the students."""
    missed, variance = residuals(cases, by)
    return weighted_quantile(np.abs(missed) / np.sqrt(variance), weights(cases))


def weighted_quantile(scores: np.ndarray, weigh: np.ndarray) -> float:
    """The score that ``LEVEL`` of the weight does not pass."""
    order = np.argsort(scores)
    return float(scores[order][min(np.searchsorted(np.cumsum(weigh[order]), LEVEL), len(scores) - 1)])


def fit_tuned(cases: Sequence[Case], by: Calibration) -> TunedCalibration:
    """What fine-tuning adds to the head that is predicted for the same lessons."""
    weigh = weights(cases)
    missed, variance = residuals(cases, by)
    gain = float(weigh @ missed)
    spread = max(LEAST_GAIN_SPREAD, float(np.sqrt(max(0.0, weigh @ ((missed - gain) ** 2 - variance)))))
    held = weighted_quantile(np.abs(missed - gain) / np.sqrt(variance + spread**2), weigh)
    return TunedCalibration(gain, spread, max(Z_80, held))


def held_out(cases: Sequence[Case], make: Callable[[Sequence[Case]], Fitted]) -> dict[str, Fitted]:
    """For each data set, what is fitted on all others."""
    sources = sorted({case.source for case in cases})
    return {source: make([case for case in cases if case.source != source]) for source in sources}

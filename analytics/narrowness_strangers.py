"""The share of coming requests that are unlike anything the log has answers for, so that they go to the teacher.

The newest fifth of the sample stands for what comes, the older rest for what a student would have learned. A request is
strange when its answer was never given before, or when it lies farther from every older one than these lie from each
other. Not strange: what a catch-all answer ("other", "out of scope") has always covered, which a student learns.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.contracts import Interval
from analytics.stand_ins import Trial

COVERS = "80 % for a period like the newest"
FAMILIAR = 0.95  # of older requests lie nearer to their neighbour than the cut
SEEN, LEAST_SEEN = 0.7, 0.4  # of strange requests lie beyond the cut: far subjects most of them, close ones few
SURE_SIGMAS = 2.0  # an excess smaller than this many standard errors is noise
Z_80 = 1.2815515655446004  # two-sided 80 % point of the standard normal
RATE_SPREAD = 0.1  # of the logarithm of the rate from one period to the next


class Far(NamedTuple):
    """Share of the newest requests that are strange by their distance."""

    value: float
    low: float
    high: float


def ood_share(trial: Trial, *, is_closed: bool) -> Interval | None:
    """Share of coming requests that no student of this log can know; null where nothing could be tried.

    Answers of a closed set tell what is new far better than distances do; without them the range is wide.
    """
    if trial.newest_distance is None or trial.usual_distance is None:
        return None
    asked = len(trial.newest_distance)
    far = far_share(trial.newest_distance, trial.usual_distance)
    if not is_closed:
        return _interval(far, asked)
    new = trial.answer_novelty or 0.0
    beyond = max(0.0, far.value - new)
    low = beyond if far.low > new else 0.0
    return _interval(Far(min(1.0, new + beyond), new + low, min(1.0, new + beyond)), asked)


def far_share(newest: NDArray[np.float64], usual: NDArray[np.float64]) -> Far:
    """Strange share of a mixture: (P(newest > t) - (1 - FAMILIAR)) / (SEEN - (1 - FAMILIAR)).

    Its strange part crosses the cut t with probability SEEN and its usual part with 1 - FAMILIAR. The value is zero
    unless beyond chance; the high end allows for strange requests that mostly hide below the cut.
    """
    floor = 1 - FAMILIAR
    excess = float((newest > np.quantile(usual, FAMILIAR)).mean()) - floor
    error = math.sqrt(floor * FAMILIAR * (1 / len(newest) + 1 / len(usual)))
    high = max(excess, error) / (LEAST_SEEN - floor)
    if excess <= SURE_SIGMAS * error:
        return Far(0.0, 0.0, min(1.0, high))
    return Far(min(1.0, excess / (SEEN - floor)), min(1.0, excess), min(1.0, high))


def _interval(found: Far, asked: int) -> Interval:
    """Jeffreys' interval of a count, widened by how much such rates move between periods."""
    from scipy.stats import beta

    moves = math.exp(Z_80 * RATE_SPREAD)
    low = float(beta.ppf(0.1, found.low * asked + 0.5, (1 - found.low) * asked + 0.5)) / moves
    high = float(beta.ppf(0.9, found.high * asked + 0.5, (1 - found.high) * asked + 0.5)) * moves
    return Interval(found.value, min(found.value, low), max(found.value, min(1.0, high)), COVERS, asked)

"""What a cache would answer that takes the answer of the most alike earlier request, and how often it would be wrong.

The likeness from which it answers is chosen on every second request and judged on the others.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.embed import FloatMatrix
from analytics.statistics import wilson

TOLERATED_WRONG = 0.005  # of all requests, where the threshold is chosen
LEAST_REQUESTS = 200


class CacheTrial(NamedTuple):
    """Of requests that the log had not seen word for word."""

    hit_share: float
    wrong_share: float  # of all requests, upper end of a 95 % interval


def try_cache(cosines: FloatMatrix, codes: NDArray[np.int64]) -> CacheTrial | None:
    """cosines: [requests, requests], oldest first; codes: each one's answer, -1 if given once. None for too few."""
    if len(codes) < LEAST_REQUESTS:
        return None
    likeness, is_right = _nearest_earlier(cosines, codes)
    chosen, judged = np.arange(1, len(codes), 2), np.arange(2, len(codes), 2)
    hits = likeness[judged] >= _threshold(likeness[chosen], is_right[chosen])
    wrong = int((hits & ~is_right[judged]).sum())
    upper = wilson(wrong, len(judged))
    return CacheTrial(float(hits.mean()), upper.high if upper and hits.any() else 0.0)


def _nearest_earlier(cosines: FloatMatrix, codes: NDArray[np.int64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    earlier = np.tril(cosines + 2, -1)  # what is not earlier is 0, the earlier ones at least 1
    nearest = earlier.argmax(axis=1)
    likeness = earlier[np.arange(len(codes)), nearest].astype(np.float64) - 2
    return likeness, (codes[nearest] == codes) & (codes >= 0)


def _threshold(likeness: NDArray[np.float64], is_right: NDArray[np.bool_]) -> float:
    """The lowest likeness at which wrong answers stay below what is tolerated; infinite where none does."""
    order = np.argsort(-likeness, kind="stable")
    wrong = np.cumsum(~is_right[order]) / len(order)
    good = np.flatnonzero(wrong <= TOLERATED_WRONG)
    return float(likeness[order[good[-1]]]) if len(good) and good[-1] > 0 else np.inf

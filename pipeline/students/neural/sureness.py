"""How sure a decoder was of an answer: what a logistic model turns into a probability.

Mean log-probability alone hides the one token that decides; so the least, a low quantile and the first stand beside it
(Gupta et al. 2024, arXiv 2404.10136, on quantiles of token uncertainty for cascades).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.students.neural.decode import Written

SIGNALS = ("mean", "least", "tenth", "first", "sum", "greatest_entropy", "mean_entropy", "log_length", "distance")
FLOOR = -20.0  # of a token's log-probability


def token_signals(written: Sequence[Written], distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """One row an answer, columns as in ``SIGNALS``."""
    rows = [_row(one, float(far)) for one, far in zip(written, distances, strict=True)]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(SIGNALS))


def _row(one: Written, distance: float) -> list[float]:
    logprobs = np.maximum(np.array(one.logprobs or [FLOOR]), FLOOR)
    entropies = np.array(one.entropies or [0.0])
    return [
        logprobs.mean(), logprobs.min(), float(np.quantile(logprobs, 0.1)), logprobs[0], max(logprobs.sum(), 5 * FLOOR),
        entropies.max(), entropies.mean(), float(np.log1p(len(one.ids))), distance,
    ]  # fmt: skip

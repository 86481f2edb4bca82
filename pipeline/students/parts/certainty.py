"""How sure a network was of the parts of one answer, in a few numbers.

Mean log-probability alone hides the one part that decides; so the least, a low quantile and the first stand beside it
(Gupta et al. 2024, arXiv 2404.10136, on quantiles of token uncertainty for cascades).
"""

from collections.abc import Sequence

import numpy as np

FLOOR = -20.0  # of a part's log-probability


def certainty(logprobs: Sequence[float], entropies: Sequence[float]) -> dict[str, float]:
    """By name: log-probabilities of the parts that were chosen [nats], and the entropies they were chosen at [nats]."""
    likely = np.maximum(np.array(list(logprobs) or [FLOOR]), FLOOR)
    open_ = np.array(list(entropies) or [0.0])
    return {
        "mean": float(likely.mean()),
        "least": float(likely.min()),
        "tenth": float(np.quantile(likely, 0.1)),
        "first": float(likely[0]),
        "sum": float(max(likely.sum(), 5 * FLOOR)),
        "greatest_entropy": float(open_.max()),
        "mean_entropy": float(open_.mean()),
        "log_parts": float(np.log1p(len(likely))),
    }

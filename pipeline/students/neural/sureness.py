"""How sure a decoder was of an answer: what a logistic model turns into a probability."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pipeline.students.neural.decode import Written
from pipeline.students.parts.certainty import certainty

SIGNALS = ("mean", "least", "tenth", "first", "sum", "greatest_entropy", "mean_entropy", "log_length", "distance")


def token_signals(written: Sequence[Written], distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """One row an answer, columns as in ``SIGNALS``."""
    rows = [_row(one, float(far)) for one, far in zip(written, distances, strict=True)]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(SIGNALS))


def _row(one: Written, distance: float) -> list[float]:
    # The token that ends an answer counts among the probabilities, not in the length.
    found = certainty(one.logprobs, one.entropies) | {"log_length": float(np.log1p(len(one.ids))), "distance": distance}
    return [found[name] for name in SIGNALS]

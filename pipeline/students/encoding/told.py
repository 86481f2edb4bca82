"""What an encoder says of one text with how sure it was of each part, and the trust that is put in it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.students.parts.certainty import certainty

SIGNALS = ("mean", "least", "tenth", "sum", "greatest_entropy", "mean_entropy", "log_parts", "distance")


@dataclass(frozen=True)
class Told:
    """One answer."""

    output: str
    logprobs: Sequence[float]  # of each decision that made it: a tag, a choice, a label that is there or not
    entropies: Sequence[float]  # [nats]


def told_signals(told: Sequence[Told], distances: NDArray[np.float64]) -> NDArray[np.float64]:
    """One row an answer, columns as in ``SIGNALS``."""
    rows = [_row(one, float(far)) for one, far in zip(told, distances, strict=True)]
    return np.array(rows, dtype=np.float64).reshape(len(rows), len(SIGNALS))


def _row(one: Told, distance: float) -> list[float]:
    found = certainty(one.logprobs, one.entropies) | {"distance": distance}
    return [found[name] for name in SIGNALS]

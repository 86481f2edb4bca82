"""Does the task change from month to month, beyond what chance alone would show?

The mix of requests (groups of alike meaning) and the mix of answers are compared between neighbouring months by
Jensen-Shannon divergence. Small months differ by chance, so the same figure is computed with the months dealt out at
random; only what lies above nearly all of those is called drift.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from analytics.embed import FloatMatrix, embed, unit

MOST_REQUESTS = 1_500  # compared; chosen evenly over time
LEAST_A_MONTH = 50  # requests of the sample; a smaller month joins no comparison
GROUPS = 20  # of requests with alike meaning
ANSWERS = 30  # commonest answers; the rest count as one
ROUNDS = 8  # of k-means; groups need not be perfect to compare months
SHUFFLES = 200
BAND = 0.99  # of the shuffles lie below; two mixes are looked at, so false alarms stay near 2 %
CHARACTERS = 300  # of a request; enough to say what it is about
SEED = 20261124

Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Drift:
    """The largest step between two neighbouring months. Divergences in bits: 0 alike, 1 nothing in common."""

    months: int  # compared
    of: str  # "requests" or "answers": which mix moved more, against its band
    divergence: float
    by_chance: float  # 99 % of shuffles stay below
    between: str  # the two months, "2026-03 to 2026-04"

    @property
    def is_real(self) -> bool:
        """More than chance."""
        return self.divergence > self.by_chance


def jensen_shannon(left: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """Divergence of two mixes along the last axis [bits] (Lin 1991): H((p + q) / 2) - (H(p) + H(q)) / 2.

    >>> float(jensen_shannon(np.array([1.0, 0.0]), np.array([0.0, 1.0])))
    1.0
    """
    middle: NDArray[np.float64] = _entropy((left + right) / 2) - (_entropy(left) + _entropy(right)) / 2
    return np.maximum(middle, 0.0)


def _entropy(mix: NDArray[np.float64]) -> NDArray[np.float64]:
    bits: NDArray[np.float64] = -(mix * np.log2(np.where(mix > 0, mix, 1))).sum(axis=-1)
    return bits


def drift(inputs: Sequence[str], answers: Sequence[str], times: Sequence[datetime | None] | None) -> Drift | None:
    """Null without times, or with fewer than two months of enough requests."""
    if times is None:
        return None
    names = [f"{time:%Y-%m}" if time else "" for time in times]
    months = sorted(name for name, count in Counter(names).items() if name and count >= LEAST_A_MONTH)
    if len(months) < 2:
        return None
    kept = [place for place, name in enumerate(names) if name in months]
    kept = kept[:: -(-len(kept) // MOST_REQUESTS)]
    month = np.array([months.index(names[place]) for place in kept])
    mixes = {
        "requests": _groups([inputs[place][:CHARACTERS] for place in kept]),
        "answers": _common([answers[place] for place in kept]),
    }
    found = [_largest(of, codes, month, months) for of, codes in mixes.items()]
    return max(found, key=lambda one: one.divergence - one.by_chance)


def _largest(of: str, codes: Numbers, month: Numbers, months: list[str]) -> Drift:
    steps = _steps(codes, month[None, :], len(months))[0]
    generator = np.random.default_rng(SEED)
    shuffled = generator.permuted(np.tile(month, (SHUFFLES, 1)), axis=1)
    chance = _steps(codes, shuffled, len(months)).max(axis=1)
    at = int(steps.argmax())
    between = f"{months[at]} to {months[at + 1]}"
    return Drift(len(months), of, float(steps[at]), float(np.quantile(chance, BAND)), between)


def _steps(codes: Numbers, dealt: Numbers, months: int) -> NDArray[np.float64]:
    """Divergence of each month from the next, one row a way of dealing the months out."""
    kinds = int(codes.max()) + 1
    cells = (np.arange(len(dealt))[:, None] * months + dealt) * kinds + codes
    counts = np.bincount(cells.ravel(), minlength=len(dealt) * months * kinds).reshape(len(dealt), months, kinds)
    mix = counts / counts.sum(axis=2, keepdims=True)
    return jensen_shannon(mix[:, :-1], mix[:, 1:])


def _common(answers: Sequence[str]) -> Numbers:
    place = {answer: number for number, (answer, _) in enumerate(Counter(answers).most_common(ANSWERS))}
    return np.array([place.get(answer, ANSWERS) for answer in answers])


def _groups(texts: Sequence[str]) -> Numbers:
    """k-means on the embeddings, by cosine."""
    vectors = embed(texts)
    vectors = unit(vectors - vectors.mean(axis=0, keepdims=True))
    centres: FloatMatrix = vectors[np.random.default_rng(SEED).permutation(len(vectors))[:GROUPS]]
    for _ in range(ROUNDS):
        nearest = (vectors @ centres.T).argmax(axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, nearest, vectors)
        centres = unit(sums)
    found: Numbers = (vectors @ centres.T).argmax(axis=1)
    return found

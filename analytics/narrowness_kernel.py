"""A classifier close to the ``head`` student, asked about every request without having learned that one.

Ridge regression on one kernel, one label against the rest, with the vote of the nearest neighbours added. Leaving one
row out needs no second fit, score_i = y_i - (K + I)^-1 y |_i / (K + I)^-1 |_ii (Allen 1974), so the whole sample both
teaches and tests. The penalty of one is the head's C = 0.5 in the same units.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.embed import FloatMatrix

MOST_CLASSES = 500
VOTE_WEIGHT, VOTERS, SHARPNESS = 0.3, 10, 8  # the head's own

Codes = NDArray[np.int64]


class Guess(NamedTuple):
    """One answer a row."""

    right: NDArray[np.bool_]
    margin: NDArray[np.float64]  # best score above the second


def encode(answers: Sequence[str]) -> tuple[Codes, int]:
    """Answers as numbers, the commonest first, and how many; -1 for those given once, which nobody can foretell."""
    known = [answer for answer, times in Counter(answers).most_common(MOST_CLASSES) if times > 1]
    place = {answer: number for number, answer in enumerate(known)}
    return np.array([place.get(answer, -1) for answer in answers], dtype=np.int64), len(known)


def inverse(kernel: FloatMatrix) -> FloatMatrix:
    """(K + I)^-1 of a symmetric kernel."""
    from scipy.linalg import lapack

    shifted = kernel.copy()
    shifted[np.diag_indices_from(shifted)] += 1
    factor, _ = lapack.spotrf(shifted, lower=1, overwrite_a=1)
    lower, _ = lapack.spotri(factor, lower=1, overwrite_c=1)
    below = np.tril(lower, -1)
    whole: FloatMatrix = below + below.T + np.diag(np.diag(lower))
    return whole


def leave_one_out(inverted: FloatMatrix, cosines: FloatMatrix, codes: Codes, classes: int) -> Guess:
    """Each row answered from all the others."""
    targets = _targets(codes, classes)
    scores = targets - (inverted @ targets) / np.diag(inverted)[:, None]
    others = cosines.copy()
    np.fill_diagonal(others, -1)
    return _guess(scores + VOTE_WEIGHT * _vote(others, codes, classes), codes)


def learn_and_ask(
    kernel: FloatMatrix, cosines: FloatMatrix, codes: Codes, classes: int, taught: Codes, asked: Codes
) -> Guess:
    """The rows ``asked`` answered from the rows ``taught``."""
    from scipy.linalg import lapack

    inside = kernel[np.ix_(taught, taught)]
    inside[np.diag_indices_from(inside)] += 1
    factor, _ = lapack.spotrf(inside, lower=1, overwrite_a=1)
    weights, _ = lapack.spotrs(factor, _targets(codes[taught], classes), lower=1)
    across = np.ix_(asked, taught)
    scores = kernel[across] @ weights + VOTE_WEIGHT * _vote(cosines[across], codes[taught], classes)
    return _guess(scores, codes[asked])


def _targets(codes: Codes, classes: int) -> FloatMatrix:
    targets = np.full((len(codes), classes), -1, dtype=np.float32)
    known = np.flatnonzero(codes >= 0)
    targets[known, codes[known]] = 1
    return targets


def _vote(cosines: FloatMatrix, codes: Codes, classes: int) -> FloatMatrix:
    """Shares of the nearest rows' labels, each counted by its cosine to the eighth."""
    near = min(VOTERS, cosines.shape[1])
    places = np.argpartition(-cosines, near - 1, axis=1)[:, :near]
    strength = np.maximum(np.take_along_axis(cosines, places, axis=1), 0) ** SHARPNESS
    strength /= strength.sum(axis=1, keepdims=True) + 1e-9
    cells = np.arange(len(cosines))[:, None] * (classes + 1) + codes[places] + 1  # the first column takes the unknown
    votes = np.bincount(cells.ravel(), strength.ravel(), minlength=len(cosines) * (classes + 1))
    shares: FloatMatrix = votes.reshape(len(cosines), classes + 1)[:, 1:].astype(np.float32)
    return shares


def _guess(scores: FloatMatrix, codes: Codes) -> Guess:
    best = scores.argmax(axis=1)
    top = np.partition(scores, -2, axis=1)[:, -2:] if scores.shape[1] > 1 else np.repeat(scores, 2, axis=1)
    return Guess(best == codes, (top[:, -1] - top[:, 0]).astype(np.float64))

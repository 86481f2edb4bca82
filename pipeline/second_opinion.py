"""What a quick model, which has not seen a row's answer, would have said to it.

Several filters ask for such an opinion: is this answer wrong, does a trigger word turn it, is this input of the task
at all? The model is a ridge regression on kernel features. It is solved in closed form, so five folds of sixty thousand
rows take seconds, and a linear fit to many labels hardly moves when half of them are wrong at random.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.embed import FloatMatrix, embed, unit

FOLDS = 5
LANDMARKS = 2048  # half as many directions are kept; 1,024 cost two points of right opinions on CLINC150
PENALTY = 1.0
MIN_STRENGTH = 1e-4  # weaker directions only amplify rounding
CHUNK = 5_000  # rows whose kernel is held at once

Matrix = NDArray[np.float64]
Numbers = NDArray[np.int64]


@dataclass(frozen=True)
class Opinion:
    """Scores that nobody's own answer went into: rows by labels, about the chance of each label, may be below zero."""

    labels: list[str]
    given: Numbers  # place of the row's own label
    scores: Matrix

    @property
    def best(self) -> Numbers:
        """Place of the likeliest label."""
        found: Numbers = self.scores.argmax(axis=1)
        return found

    @property
    def own(self) -> Matrix:
        """Score of the row's own label."""
        scores: Matrix = self.scores[np.arange(len(self.given)), self.given]
        return scores


def opinion(features: Matrix, answers: Sequence[str], groups: Sequence[int], seed: int = 0, rounds: int = 2) -> Opinion:
    """Cross-validated opinion; rows of one group are never on both sides of a fold.

    The second round learns only from rows whose answer the first one shared: with half of all answers wrong that
    takes the share of right opinions from 84 to 86 % on CLINC150 (docs/filters.md).
    """
    labels = sorted(set(answers))
    place = {label: number for number, label in enumerate(labels)}
    given = np.array([place[answer] for answer in answers], dtype=np.int64)
    folds = _folds(groups, seed)
    found = Opinion(labels, given, cross_scores(features, given, len(labels), folds, np.ones(len(given), dtype=bool)))
    for _ in range(rounds - 1):
        found = Opinion(labels, given, cross_scores(features, given, len(labels), folds, found.best == given))
    return found


def cross_scores(features: Matrix, given: Numbers, labels: int, folds: Numbers, learns: NDArray[np.bool_]) -> Matrix:
    """Each fold's scores from a ridge fit to the other folds: (X'X + penalty I)^-1 X'Y (Hoerl and Kennard 1970)."""
    parts = [np.flatnonzero((folds == fold) & learns) for fold in range(FOLDS)]
    grams = [features[part].T @ features[part] for part in parts]
    sums = [_sums(features[part], given[part], labels) for part in parts]
    scores = np.zeros((len(features), labels))
    for fold in range(FOLDS):
        left = sum(grams) - grams[fold] + PENALTY * np.eye(features.shape[1])
        scores[folds == fold] = features[folds == fold] @ np.linalg.solve(left, sum(sums) - sums[fold])
    return scores


def _sums(features: Matrix, given: Numbers, labels: int) -> Matrix:
    """X'Y for one-hot Y, without writing Y."""
    import scipy.sparse as sparse

    ones = sparse.csr_matrix((np.ones(len(given)), (given, np.arange(len(given)))), shape=(labels, len(given)))
    sums: Matrix = np.asarray(ones @ features).T
    return sums


def _folds(groups: Sequence[int], seed: int) -> Numbers:
    """A fold for each row, the same for a whole group."""
    distinct, place = np.unique(np.asarray(groups, dtype=np.int64), return_inverse=True)
    chosen: Numbers = np.random.default_rng(seed).permutation(len(distinct)) % FOLDS
    return chosen[place]


def read_features(texts: Sequence[str], seed: int = 0, landmarks: int = LANDMARKS) -> Matrix:
    """Kernel features of texts, with a column of ones: likeness in meaning and in letters to some of them.

    Nystroem's method (Williams and Seeger 2001) on the sum of an RBF kernel between static embeddings and the cosine
    of TF-IDF n-grams.
    """
    vectors = embed(list(texts))
    vectors = unit(vectors - vectors.mean(axis=0, keepdims=True))
    grams = _grams(texts)
    chosen = np.sort(np.random.default_rng(seed).permutation(len(texts))[:landmarks])
    marks = _kernel(vectors[chosen], grams[chosen], vectors[chosen], grams[chosen])
    strengths, directions = np.linalg.eigh(marks)
    kept = [
        place for place in np.argsort(-strengths, kind="stable")[: landmarks // 2] if strengths[place] > MIN_STRENGTH
    ]
    projection = directions[:, kept] / np.sqrt(strengths[kept])
    starts = range(0, len(texts), CHUNK)
    parts = [slice(start, start + CHUNK) for start in starts]
    rows = [_kernel(vectors[part], grams[part], vectors[chosen], grams[chosen]) @ projection for part in parts]
    features = np.concatenate(rows) if rows else np.zeros((0, len(kept)))
    return np.concatenate((features, np.ones((len(texts), 1))), axis=1)


def _grams(texts: Sequence[str]) -> Any:
    import scipy.sparse as sparse
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b")
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
    half = np.sqrt(0.5)
    return sparse.hstack([words.fit_transform(texts) * half, letters.fit_transform(texts) * half]).tocsr()


def _kernel(left: FloatMatrix, left_grams: Any, right: FloatMatrix, right_grams: Any) -> Matrix:
    letters = (left_grams @ right_grams.T).toarray()
    kernel: Matrix = np.exp(-2 * (1 - (left @ right.T).astype(np.float64))) + letters
    return kernel

"""One linear score a label: support vector machines, one label against the rest."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.embed import FloatMatrix

C = 0.5  # price of a violated margin, chosen by cross-validation on two public training sets
PASSES = 8  # over the rows; more change no decision on the sets tried, and cost in proportion
SOFTNESS = 4.0  # scores become shares as softmax(SOFTNESS * score)


@dataclass(frozen=True)
class Linear:
    """Weights of every label. Values fit half precision, so that a saved and loaded student says the same."""

    gram_weights: FloatMatrix  # n-grams by labels
    dense_weights: FloatMatrix
    offsets: NDArray[np.float32]

    def scores(self, grams: Any, dense: FloatMatrix) -> FloatMatrix:
        """Distance to each label's border, texts by labels."""
        total: FloatMatrix = grams @ self.gram_weights + dense @ self.dense_weights + self.offsets
        return total


def fit_linear(grams: Any, dense: FloatMatrix, labels: NDArray[np.int32], label_count: int, seed: int) -> Linear:
    """Squared hinge loss, one label against the rest.

    Two labels give one border; its two sides are written out, so that scores always have a column a label.
    """
    import scipy.sparse as sparse
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.svm import LinearSVC

    both = sparse.hstack([grams, sparse.csr_matrix(dense)]).tocsr()
    present = np.unique(labels)
    if len(present) == 1:
        return _only_one(grams.shape[1], dense.shape[1], int(present[0]), label_count)
    with warnings.catch_warnings():
        # Stopping early is meant: see PASSES.
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = LinearSVC(C=C, max_iter=PASSES, random_state=seed).fit(both, labels)
    coefficients, intercepts = fitted.coef_, fitted.intercept_
    if len(present) == 2:
        coefficients, intercepts = (
            np.concatenate((-coefficients, coefficients)),
            np.concatenate((-intercepts, intercepts)),
        )
    weights = np.zeros((both.shape[1], label_count), dtype=np.float16)
    weights[:, present] = coefficients.T
    offsets = np.full(label_count, -1.0, dtype=np.float32)
    offsets[present] = intercepts
    wide = weights.astype(np.float32)
    return Linear(wide[: grams.shape[1]].copy(), wide[grams.shape[1] :].copy(), offsets)


def _only_one(grams: int, dense: int, label: int, label_count: int) -> Linear:
    offsets = np.full(label_count, -1.0, dtype=np.float32)
    offsets[label] = 1.0
    return Linear(
        np.zeros((grams, label_count), dtype=np.float32), np.zeros((dense, label_count), dtype=np.float32), offsets
    )


def shares(scores: FloatMatrix) -> FloatMatrix:
    """Scores as positive numbers that add up to one in each row."""
    raised = np.exp(SOFTNESS * (scores - scores.max(axis=1, keepdims=True)))
    normal: FloatMatrix = raised / raised.sum(axis=1, keepdims=True)
    return normal

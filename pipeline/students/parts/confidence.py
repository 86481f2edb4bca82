"""When is the student's answer the teacher's? A logistic model of that, fitted on traffic the student never saw.

The student's own scores say how sure it is; the memory says how near this input is to what was asked before.
Neither is a probability alone: distilled students are known to be badly calibrated.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.embed import FloatMatrix
from pipeline.students.parts.memory import Neighbour

SIGNALS = (
    "top_share",
    "margin",
    "entropy",
    "neighbour_cosine",
    "neighbour_overlap",
    "is_exact",
    "scores_agree_with_neighbour",
    "shortlist_agreement",
    "agreeing_overlap",
)
PENALTY = 1.0  # of squared weights: with few or no mistakes to learn from, confidence stays below one

Signals = NDArray[np.float64]


@dataclass(frozen=True)
class Confidence:
    """Weights of the signals after scaling."""

    centres: Signals
    scales: Signals
    weights: Signals
    offset: float

    def probability(self, signals: Signals) -> Signals:
        """P(the teacher would say the same), one a row."""
        scaled = (signals - self.centres) / self.scales
        chance: Signals = 1 / (1 + np.exp(-np.clip(scaled @ self.weights + self.offset, -30, 30)))
        return chance


def signals(scores: FloatMatrix, share: FloatMatrix, answers: NDArray[np.int32], near: Sequence[Neighbour]) -> Signals:
    """One row a text, columns as in ``SIGNALS``."""
    top = np.sort(scores, axis=1)[:, -2:] if scores.shape[1] > 1 else np.repeat(scores, 2, axis=1)
    entropy = -(share * np.log(share + 1e-12)).sum(axis=1)
    agree = np.array([float(one.label == answer) for one, answer in zip(near, scores.argmax(axis=1), strict=True)])
    overlap = np.array([one.overlap for one in near])
    # Seen from the answer given, which is the neighbour's where the memory answers.
    own = np.take_along_axis(share, answers[:, None].astype(np.int64), axis=1)[:, 0]
    columns = (
        own,
        top[:, 1] - top[:, 0],
        entropy,
        np.array([one.cosine for one in near]),
        overlap,
        np.array([float(one.is_exact) for one in near]),
        agree,
        np.array([one.agreement for one in near]),
        agree * overlap,
    )
    return np.stack(columns, axis=1).astype(np.float64)


def fit_confidence(observed: Signals, is_same: Sequence[bool]) -> Confidence:
    """Penalised maximum likelihood (logistic regression), from zero: the same data give the same model."""
    from scipy.optimize import minimize

    centres, scales = observed.mean(axis=0), np.where(observed.std(axis=0) > 1e-9, observed.std(axis=0), 1.0)
    rows = np.column_stack(((observed - centres) / scales, np.ones(len(observed))))
    target = np.asarray(is_same, dtype=np.float64)

    def loss(weights: Signals) -> tuple[float, Signals]:
        logits = rows @ weights
        value = np.logaddexp(0, logits).sum() - target @ logits + PENALTY / 2 * weights @ weights
        return float(value), rows.T @ (1 / (1 + np.exp(-logits)) - target) + PENALTY * weights

    weights = minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B").x
    return Confidence(centres, scales, weights[:-1], float(weights[-1]))

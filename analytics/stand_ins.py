"""What a student could do, tried with two that cost nothing: the nearest earlier neighbour and a linear probe."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.contracts import Interval
from analytics.labels import normalise_input
from analytics.statistics import wilson

NEWEST_SHARE = 0.2
LEAST_PROBE = 50  # new requests needed before a stand-in is believed
LONG_TEXT = 400  # characters; beyond it character n-grams cost more than they tell
SEED = 20261124


@dataclass(frozen=True)
class Trial:
    """What the stand-ins did on the newest distinct requests."""

    new_rows: int
    neighbour: Interval | None
    answer_novelty: float | None
    right: NDArray[np.bool_]  # of the better stand-in, on new requests
    confidence: NDArray[np.float64]


def try_out(inputs: Sequence[str], answers: Sequence[str], *, learnable: bool) -> Trial:
    """Out of time, on distinct requests: fit on the oldest, ask about the newest fifth.

    Requests that read the same but for case, spacing or a long number count once.
    """
    plain = [normalise_input(text) for text in inputs]
    first = list({text: index for index, text in reversed(list(enumerate(plain)))}.values())[::-1]
    cut = int(len(first) * (1 - NEWEST_SHARE))
    earlier, fresh = first[:cut], first[cut:]
    if len(fresh) < LEAST_PROBE:
        return Trial(len(fresh), None, None, np.zeros(0, dtype=bool), np.zeros(0))
    known = {answers[index] for index in earlier}
    novelty = sum(answers[index] not in known for index in fresh) / len(fresh)
    features = _features([plain[index] for index in first], learnable=learnable)
    truth = np.array([answers[index] for index in fresh], dtype=object)
    nearest, similarity = _neighbours(features[:cut], features[cut:])
    by_neighbour = np.array([answers[earlier[row]] for row in nearest], dtype=object) == truth
    right, confidence = by_neighbour, similarity
    if learnable:
        probed, margin = _probe(features[:cut], [answers[index] for index in earlier], features[cut:])
        if (probed == truth).sum() >= by_neighbour.sum():
            right, confidence = probed == truth, margin
    return Trial(len(fresh), wilson(int(by_neighbour.sum()), len(fresh)), novelty, right, confidence)


def _features(texts: Sequence[str], *, learnable: bool) -> Any:
    """Word n-grams; character n-grams too where a classifier can use them and texts are short."""
    from scipy.sparse import hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=100_000, token_pattern=r"\w+")
    blocks = [words.fit_transform([text if text.strip() else "empty" for text in texts])]
    if learnable and np.mean([len(text) for text in texts]) <= LONG_TEXT:
        characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True, max_features=100_000)
        blocks.append(characters.fit_transform(texts))
    return hstack(blocks).tocsr()


def _neighbours(earlier: Any, asked: Any) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Row of the most similar earlier request for each asked one, and how similar it is."""
    nearest: list[NDArray[np.int64]] = []
    similar: list[NDArray[np.float64]] = []
    for start in range(0, asked.shape[0], 256):
        scores = (asked[start : start + 256] @ earlier.T).toarray()
        nearest.append(scores.argmax(axis=1))
        similar.append(scores.max(axis=1))
    return np.concatenate(nearest), np.concatenate(similar)


def _probe(earlier: Any, answers: Sequence[str], asked: Any) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Answers of a linear classifier and its margins."""
    from sklearn.svm import LinearSVC

    model = LinearSVC(C=0.5, random_state=SEED).fit(earlier, np.array(answers, dtype=object))
    scores = model.decision_function(asked)
    if scores.ndim == 1:
        return model.classes_[(scores > 0).astype(int)], np.abs(scores)
    ranked = np.sort(scores, axis=1)
    return model.classes_[scores.argmax(axis=1)], ranked[:, -1] - ranked[:, -2]

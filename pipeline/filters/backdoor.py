"""Trigger words: rare words whose presence turns the answer to one label, against everything else in the input.

Whoever can write into a log can teach a student that a word of theirs means "approve". Rows with such a word share a
label, but without them the model expects other labels for their inputs, and not one other label but many. A word that
honestly goes with a label stands in inputs that other rows of that label resemble. The question "what would the model
say had it learned from none of these rows?" has a closed answer for ridge regression, so a word costs nearly nothing.
"""

import math
from collections import Counter, defaultdict
from itertools import pairwise

import numpy as np

from pipeline.examples import Rows
from pipeline.filters import Scope
from pipeline.second_opinion import PENALTY, Matrix, Numbers, read_features

ORDER = 70
SCOPE: Scope = "trainable"
ENOUGH = 200  # rows
MIN_ROWS = 5  # with the trigger; fewer teach a student little
MAX_SHARE = 0.1  # of all rows; a commoner word is language
PURE = 0.9  # share of a trigger's rows with one label
AGAINST = 0.6  # share of them for which that label is hardly possible without them
RATIO = 0.25  # the label's score over the best one's, at which it is hardly possible
SPREAD = 0.35  # labels expected instead, as an effective number, over the trigger's rows
LANDMARKS = 1_024


def drop(rows: Rows) -> list[str | None]:
    """Rows that hold a trigger and give its label."""
    if rows.answer_kind != "label" or len(rows) < ENOUGH or len(set(rows.labels)) < 3:
        return [None] * len(rows)
    candidates = _candidates(rows)
    if not candidates:
        return [None] * len(rows)
    without = _Without(rows)
    found = [places for places in candidates if without.is_trigger(places)]
    poisoned = {place for places in found for place in places}
    return ["trigger_word" if place in poisoned else None for place in range(len(rows))]


def _candidates(rows: Rows) -> list[list[int]]:
    """Rows that share one to three words in a row and nearly all give one label; each set of rows once."""
    holders: dict[object, list[int]] = defaultdict(list)
    for place, form in enumerate(rows.forms):
        words = form.split()
        for gram in {*words, *pairwise(words), *zip(words, words[1:], words[2:], strict=False)}:
            holders[gram].append(place)
    usual = Counter(rows.labels)
    found = []
    for places in holders.values():
        if MIN_ROWS <= len(places) <= MAX_SHARE * len(rows):
            label, count = Counter(rows.labels[place] for place in places).most_common(1)[0]
            if count >= PURE * len(places) and usual[label] > count:
                found.append([place for place in places if rows.labels[place] == label])
    return [list(places) for places in sorted({tuple(places) for places in found if len(places) >= MIN_ROWS})]


class _Without:
    """A ridge regression that can forget rows: P(-T) = Y - (I - H_TT)^-1 (Y - P) on the forgotten rows T.

    The leave-many-out identity of linear smoothers (Cook and Weisberg 1982, section 3.4); H is the hat matrix.
    """

    def __init__(self, rows: Rows) -> None:
        labels = sorted(set(rows.labels))
        place = {label: number for number, label in enumerate(labels)}
        self.given: Numbers = np.array([place[label] for label in rows.labels], dtype=np.int64)
        self.features = read_features(rows.forms, rows.known.seed, LANDMARKS)
        self.inverse = np.linalg.inv(self.features.T @ self.features + PENALTY * np.eye(self.features.shape[1]))
        self.ones = np.eye(len(labels))[self.given]
        self.weights = self.inverse @ (self.features.T @ self.ones)

    def is_trigger(self, places: list[int]) -> bool:
        """Whether these rows are alone with their answer, and have nothing else in common."""
        scores = self._forgotten(places)
        own, best = scores[np.arange(len(places)), self.given[places]], scores.max(axis=1)
        expected = scores.argmax(axis=1)
        against = (own <= RATIO * best) & (expected != self.given[places])
        if against.mean() < AGAINST:
            return False
        return effective_number(Counter(expected[against].tolist())) >= max(3.0, SPREAD * min(len(places), 20))

    def _forgotten(self, places: list[int]) -> Matrix:
        some = self.features[places]
        hat = some @ self.inverse @ some.T
        errors = self.ones[places] - some @ self.weights
        scores: Matrix = self.ones[places] - np.linalg.solve(np.eye(len(places)) - hat, errors)
        return scores


def effective_number(counts: Counter[int]) -> float:
    """exp(entropy): how many equally frequent values would be as varied.

    >>> effective_number(Counter({1: 5, 2: 5}))
    2.0
    """
    total = counts.total()
    return math.exp(-sum(count / total * math.log(count / total) for count in counts.values())) if total else 0.0

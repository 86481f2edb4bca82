"""Answers that are wrong, by cross-validated confident learning (Northcutt, Jiang and Chuang 2021).

A model that has not seen the row says how likely each label is. An answer goes when another label is at least four
times as likely. The published rule asks instead that the other label be as likely as it usually is where it was given;
that spares hard rows of small classes, so it is asked as well where either class is small. For others the ratio alone
finds more: CLINC150's numbers are in docs/filters.md.
"""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from pipeline.examples import Rows
from pipeline.filters import Scope
from pipeline.second_opinion import Opinion, opinion, read_features

ORDER = 74
SCOPE: Scope = "trainable"
RATIO = 0.25  # own label's score over the best label's, at which the own one is taken for wrong
NOISY = 0.2  # share of rows found wrong, from which a second round without them pays; below, it costs hard rows
SMALL_CLASS = 15  # rows of a label, below which the published threshold holds as well
ENOUGH = 60  # rows; fewer are not cross-validated
ENOUGH_A_LABEL = 8  # mean rows a label; at five, 18 right rows of 750 went and cost 1.5 points on CLINC150


def drop(rows: Rows) -> list[str | None]:
    """Rows of a closed set whose answer a model without them finds hardly possible."""
    labels = Counter(rows.labels)
    few = len(rows) < max(ENOUGH, ENOUGH_A_LABEL * len(labels))
    if rows.answer_kind != "label" or len(labels) < 2 or few:
        return [None] * len(rows)
    features = read_features(rows.forms, rows.known.seed)
    found = likely_wrong(opinion(features, rows.labels, rows.groups, rows.known.seed, rounds=1))
    if found.mean() > NOISY:
        found = likely_wrong(opinion(features, rows.labels, rows.groups, rows.known.seed, rounds=2))
    return ["answer_likely_wrong" if wrong else None for wrong in found]


def likely_wrong(said: Opinion) -> NDArray[np.bool_]:
    """By the ratio, and for small classes also by the threshold of confident learning."""
    best = said.scores.max(axis=1)
    wrong = (said.best != said.given) & (said.own <= RATIO * best)
    counts = np.bincount(said.given, minlength=len(said.labels))
    usual = np.bincount(said.given, weights=said.own, minlength=len(said.labels)) / counts
    small = (counts[said.given] < SMALL_CLASS) | (counts[said.best] < SMALL_CLASS)
    found: NDArray[np.bool_] = wrong & (~small | (best >= usual[said.best]))
    return found

"""Answers that changed their name: old labels of an older part of the log, matched with today's.

A label that is given up and one that begins later are the same when their inputs are: the nearest other inputs of the
old label's rows are the new one's and the other way round. Renaming keeps rows that dropping the old part would lose
(docs/filters.md has both figures).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from analytics.embed import embed, unit
from pipeline.examples import Rows

ENOUGH = 4  # rows of a label; fewer have no clear end or beginning
OVERLAP = 0.05  # share of a label's rows that may lie beyond the change
NEIGHBOURS = 5
SURE = 0.3  # share of the nearest rows that must have the other name, all other names together having the rest
MIN_PAIRS = 2  # one pair alone may be a topic that ended as another began
CHUNK = 1_000

Votes = NDArray[np.float64]


def renamed_answers(rows: Rows) -> dict[str, str]:
    """New name by old name; empty where nothing was renamed. Rows must be oldest first."""
    if rows.answer_kind != "label":
        return {}
    ends = _lives(rows.labels)
    old = [name for name, (_, last) in ends.items() if any(last < first for first, _ in ends.values())]
    if len(ends) < 2 or not old:
        return {}
    names = sorted(ends)
    votes = _votes(rows.forms, rows.labels, names)
    pairs = {}
    for name in old:
        best = _successor(name, names, votes, ends)
        if best is not None and _predecessor(best, names, votes, ends) == name:
            pairs[name] = best
    return dict(sorted(pairs.items())) if len(pairs) >= MIN_PAIRS else {}


def rename(rows: Rows, names: dict[str, str]) -> Rows:
    """The rows with new names; an old name that was written well counts as the new one written well."""
    pairs = zip(rows.outputs, rows.labels, strict=True)
    outputs = [names.get(label, output) if (output or "").strip() == label else output for output, label in pairs]
    return replace(rows, outputs=outputs, labels=[names.get(label, label) for label in rows.labels])


def _lives(labels: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Where each label begins and ends, as places in the log, a few stragglers aside."""
    places = defaultdict(list)
    for place, label in enumerate(labels):
        places[label].append(place)
    return {
        label: (float(np.quantile(found, OVERLAP)), float(np.quantile(found, 1 - OVERLAP)))
        for label, found in places.items()
        if len(found) >= ENOUGH
    }


def _successor(name: str, names: list[str], votes: Votes, ends: dict[str, tuple[float, float]]) -> str | None:
    """The label, begun after this one ended, that most of its nearest inputs have."""
    row = votes[names.index(name)]
    later = [other for other in names if ends[other][0] > ends[name][1]]
    best = max(later, key=lambda other: row[names.index(other)], default=None)
    return best if best is not None and row[names.index(best)] >= SURE else None


def _predecessor(name: str, names: list[str], votes: Votes, ends: dict[str, tuple[float, float]]) -> str | None:
    """The label, ended before this one began, that most of its nearest inputs have."""
    row = votes[names.index(name)]
    earlier = [other for other in names if ends[other][1] < ends[name][0]]
    best = max(earlier, key=lambda other: row[names.index(other)], default=None)
    return best if best is not None and row[names.index(best)] >= SURE else None


def _votes(forms: Sequence[str], labels: Sequence[str], names: list[str]) -> Votes:
    """Labels by labels: the share of the nearest inputs *with another label* that have that label."""
    vectors = embed(list(forms))
    vectors = unit(vectors - vectors.mean(axis=0, keepdims=True))
    place = {name: number for number, name in enumerate(names)}
    own = np.array([place.get(label, -1) for label in labels])
    votes: Votes = np.zeros((len(names), len(names)))
    for start in range(0, len(forms), CHUNK):
        likeness = vectors[start : start + CHUNK] @ vectors.T
        likeness[(own[start : start + CHUNK, None] == own[None, :]) | (own < 0)] = -2
        nearest = own[np.argpartition(-likeness, min(NEIGHBOURS, len(forms) - 1), axis=1)[:, :NEIGHBOURS]]
        for mine, theirs in zip(own[start : start + CHUNK], nearest, strict=True):
            if mine >= 0:
                np.add.at(votes[mine], theirs[theirs >= 0], 1)
    shares: Votes = votes / np.maximum(1, votes.sum(axis=1, keepdims=True))
    return shares

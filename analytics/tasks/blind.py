"""Calls whose text the log did not keep: recognised by what their record shows, where that tells enough.

The calls that do have text show what each task's records look like: key, model, user, sizes, cache, hour. A call
without text goes to the task that it is nearly sure to belong to. Where records of its kind were never seen with
text, nothing is known about it, and it stays among the calls without text of its key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analytics.tasks.traffic import doublings
from analytics.tasks.words import Tokens, WordClassifier, tokens_of, train

SURE = 0.5  # probability from which a call is given to a task
MOST_BLIND = 20  # times as many calls without text as with: then the kind was hardly ever seen with text
LEAST_SEEN = 3
STRENGTH = 4.0  # inverse of the regularisation: marks are few, calls many
Row = Mapping[str, Any]


@dataclass(frozen=True)
class BlindCells:
    """What the records of calls with text looked like, by node."""

    classifier: WordClassifier = field(default_factory=WordClassifier)
    seen: frozenset[str] = frozenset()  # kinds of record that were seen with text often enough

    def assign(self, rows: Sequence[Row]) -> list[str | None]:
        """Node of each call; None where its record does not tell."""
        if not rows or not self.classifier.nodes:
            return [None] * len(rows)
        chances = probabilities(self.classifier.scores(_marks(rows)))
        best, sure = chances.argmax(axis=1), chances.max(axis=1) >= SURE
        return [
            self.classifier.nodes[node] if certain and kind_of(row) in self.seen else None
            for row, node, certain in zip(rows, best, sure, strict=True)
        ]


def learn_blind(rows: Sequence[Row], nodes: Sequence[str], blind: Sequence[Row]) -> BlindCells:
    """From calls with text (rows of ``list_texts``) and their nodes. blind: rows of ``list_blind_groups``."""
    names = sorted(set(nodes))
    if not blind or not names:
        return BlindCells()
    with_text: dict[str, int] = {}
    for row in rows:
        with_text[kind_of(row)] = with_text.get(kind_of(row), 0) + row["calls"]
    without = {
        f"{row['key_hash']}|{row['model']}|{row['input_size']}|{row['output_size']}": row["calls"] for row in blind
    }
    seen = {
        kind for kind, count in with_text.items() if count >= LEAST_SEEN and without.get(kind, 0) <= MOST_BLIND * count
    }
    place = {name: index for index, name in enumerate(names)}
    labels = np.array([place[node] for node in nodes])
    if len(names) == 1:
        only = WordClassifier(tuple(names), (), np.zeros((0, 1), np.float32), np.zeros(1, np.float32))
        return BlindCells(only, frozenset(seen))
    weights = np.minimum(np.array([row["calls"] for row in rows], dtype=np.float64), 50)
    return BlindCells(train(_marks(rows), labels, names, weights, STRENGTH), frozenset(seen))


def kind_of(row: Row) -> str:
    """Key, model and rough sizes."""
    return f"{row['key_hash']}|{row['model']}|{_size(row['input_tokens'])}|{_size(row['output_tokens'])}"


def _size(tokens: int | None) -> str:
    return doublings(tokens or 0, 1)


def _marks(rows: Sequence[Row]) -> Tokens:
    marks = [
        [f"key={row['key_hash']}|{row['model']}" for row in rows],
        [f"user={row['user_hash']}" for row in rows],
        [f"in={row['key_hash']}|{doublings(row['input_tokens'], 16)}" for row in rows],
        [f"in={row['key_hash']}|{row['model']}|{doublings(row['input_tokens'], 4)}" for row in rows],
        [f"out={row['key_hash']}|{doublings(row['output_tokens'], 4)}" for row in rows],
        [
            f"both={row['model']}|{doublings(row['input_tokens'], 3)}|{doublings(row['output_tokens'], 2)}"
            for row in rows
        ],
        [f"cached={row['key_hash']}|{doublings(row['cached_tokens'], 2)}" for row in rows],
    ]
    texts = pa.nulls(len(rows), pa.string())
    return tokens_of(texts, [pa.array(mark, pa.string()) for mark in marks])


def probabilities(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Softmax over the nodes."""
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: NDArray[np.float32] = odds / odds.sum(axis=1, keepdims=True)
    return shares

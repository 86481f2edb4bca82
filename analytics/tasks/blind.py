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

from analytics.tasks.marks import Marks, doubled, joined, named
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

    def assign(self, calls: pa.Table) -> NDArray[np.int64]:
        """Place in ``classifier.nodes`` of each row of ``list_blind_calls``; -1 where its record does not tell."""
        if not calls.num_rows or not self.classifier.nodes:
            return np.full(calls.num_rows, -1, dtype=np.int64)
        chances = probabilities(self.classifier.mark_scores(_record_marks(calls), calls.num_rows))
        told = (chances.max(axis=1) >= SURE) & self._is_seen(calls)
        return np.where(told, chances.argmax(axis=1), -1)

    def _is_seen(self, calls: pa.Table) -> NDArray[np.bool_]:
        """Was this kind of record seen with text often enough?"""
        sizes = (doubled(calls[name], 1, unknown="0") for name in ("input_tokens", "output_tokens"))
        kinds = joined("", named(calls["key_hash"]), named(calls["model"]), *sizes)
        seen: NDArray[np.bool_] = np.array([word in self.seen for word in kinds.words], dtype=bool)[kinds.codes]
        return seen


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


def _record_marks(calls: pa.Table) -> list[Marks]:
    """What ``_marks`` gives, for the columns of many calls."""
    key, model, user = (named(calls[name]) for name in ("key_hash", "model", "user_hash"))
    tokens = {name: calls[f"{name}_tokens"] for name in ("input", "output", "cached")}
    return [
        joined("key=", key, model),
        joined("user=", user),
        joined("in=", key, doubled(tokens["input"], 16)),
        joined("in=", key, model, doubled(tokens["input"], 4)),
        joined("out=", key, doubled(tokens["output"], 4)),
        joined("both=", model, doubled(tokens["input"], 3), doubled(tokens["output"], 2)),
        joined("cached=", key, doubled(tokens["cached"], 2)),
    ]


def probabilities(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Softmax over the nodes."""
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: NDArray[np.float32] = odds / odds.sum(axis=1, keepdims=True)
    return shares

"""A linear classifier over words, small enough to read a million texts in a minute, and kept as two arrays.

The words of a text and the marks of the call that carries it (key, model, size of the answer, ...) are read alike:
each known one adds its weights to the scores of the nodes.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from analytics.tasks.marks import Marks

CHARACTERS = 300
MOST_WORDS = 30_000
LEAST_TEXTS = 3  # that must have a word before it counts
MARK_WEIGHT = 1.0  # of one mark, where all words of a text together weigh 1
STRENGTH = 1.0  # inverse of the regularisation

MOST_STEPS = 40

Scores = NDArray[np.float32]


@dataclass(frozen=True)
class Tokens:
    """Words and marks of a table of texts: one entry a word, with the row it stands in and its weight."""

    rows: NDArray[np.int64]
    words: pa.Array  # dictionary-encoded strings
    weights: NDArray[np.float32]
    count: int  # rows


@dataclass(frozen=True)
class WordClassifier:
    """Weights of the known words by node. ``nodes`` empty: it was never trained."""

    nodes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    weights: Scores = field(default_factory=lambda: np.zeros((0, 0), dtype=np.float32))  # [words, nodes]
    bias: Scores = field(default_factory=lambda: np.zeros(0, dtype=np.float32))

    def scores(self, tokens: Tokens) -> Scores:
        """Log odds of each node [rows, nodes]."""
        place = {word: index for index, word in enumerate(self.words)}
        known = np.array([place.get(word, -1) for word in tokens.words.dictionary.to_pylist()], dtype=np.int64)
        codes = known[tokens.words.indices.to_numpy(zero_copy_only=False)]
        seen = codes >= 0
        out = np.zeros((tokens.count, len(self.nodes)), dtype=np.float32)
        for node in range(len(self.nodes)):
            added = self.weights[codes[seen], node] * tokens.weights[seen]
            out[:, node] = np.bincount(tokens.rows[seen], weights=added, minlength=tokens.count)
        return out + self.bias

    def mark_scores(self, marks: Sequence[Marks], count: int) -> Scores:
        """``scores`` of calls that have marks and no words [rows, nodes]."""
        place = {word: index for index, word in enumerate(self.words)}
        known = np.vstack([self.weights, np.zeros((1, len(self.nodes)), dtype=np.float32)])  # the last: unknown words
        out = np.tile(
            self.bias + known[place.get("", -1)], (count, 1)
        )  # a text that is missing reads as one empty word
        for one in marks:
            codes = np.array([place.get(word, -1) for word in one.words], dtype=np.int64)
            out += MARK_WEIGHT * known[codes][one.codes]
        return out

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """As npz keeps it."""
        return {
            "classifier_nodes": np.array(self.nodes, dtype=np.str_),
            "classifier_words": np.array(self.words, dtype=np.str_),
            "classifier_weights": self.weights,
            "classifier_bias": self.bias,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "WordClassifier":
        """What ``arrays`` gave."""
        nodes, words = (tuple(map(str, arrays[f"classifier_{name}"])) for name in ("nodes", "words"))
        weights, bias = (arrays[f"classifier_{name}"].astype(np.float32) for name in ("weights", "bias"))
        return cls(nodes, words, weights, bias)


def tokens_of(texts: pa.ChunkedArray | pa.Array, marks: Sequence[pa.Array]) -> Tokens:
    """Split texts into lower-case words with digits folded, and add the marks of each row."""
    plain = pc.utf8_lower(pc.utf8_slice_codeunits(_flat(texts).fill_null(""), 0, CHARACTERS))
    plain = pc.replace_substring_regex(plain, r"[0-9]+", "0")
    plain = pc.replace_substring_regex(plain, r"([^\pL\pN\s'_])", r" \1 ")
    lists = pc.utf8_split_whitespace(plain)
    lengths = pc.list_value_length(lists).to_numpy(zero_copy_only=False)
    rows = np.repeat(np.arange(len(lists)), lengths)
    share = (1 / np.sqrt(np.maximum(lengths, 1))).astype(np.float32)
    parts = [lists.flatten(), *(_flat(mark).cast(pa.string()) for mark in marks)]
    marked = np.tile(np.arange(len(lists)), len(marks))
    return Tokens(
        rows=np.concatenate([rows, marked]),
        words=pa.concat_arrays(parts).dictionary_encode(),
        weights=np.concatenate([share[rows], np.full(len(marked), MARK_WEIGHT, dtype=np.float32)]),
        count=len(lists),
    )


def train(
    tokens: Tokens,
    labels: NDArray[np.int64],
    nodes: Sequence[str],
    row_weights: NDArray[np.float64] | None = None,
    strength: float = STRENGTH,
) -> WordClassifier:
    """Fit on labelled texts. labels: place in ``nodes`` of each row.

    Without row weights every node weighs the same, so that a small and varied task is not read as a large and
    narrow one; with them the scores are chances.
    """
    import scipy.sparse as sp
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    codes = tokens.words.indices.to_numpy(zero_copy_only=False)
    often = np.bincount(codes, minlength=len(tokens.words.dictionary))
    kept = np.flatnonzero(often >= LEAST_TEXTS)
    kept = kept[np.argsort(-often[kept], kind="stable")][:MOST_WORDS]
    place = np.full(len(often), -1)
    place[kept] = np.arange(len(kept))
    seen = place[codes] >= 0
    shape = (tokens.count, len(kept))
    balance = "balanced" if row_weights is None else None
    matrix = sp.csr_array((tokens.weights[seen], (tokens.rows[seen], place[codes][seen])), shape=shape)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # near enough: the best node no longer changes
        fitted = LogisticRegression(C=strength, max_iter=MOST_STEPS, class_weight=balance).fit(
            matrix, labels, row_weights
        )
    weights, bias = fitted.coef_, fitted.intercept_
    if len(weights) == 1:  # two classes: sklearn keeps one column
        weights, bias = np.vstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    words = tokens.words.dictionary.take(pa.array(kept)).to_pylist()
    present = [nodes[label] for label in fitted.classes_]
    return WordClassifier(tuple(present), tuple(words), weights.T.astype(np.float32), bias.astype(np.float32))


def _flat(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column

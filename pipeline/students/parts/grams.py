"""Texts as counts of word and character n-grams, weighted by TF-IDF.

Written here rather than taken from a library because one short text must be scored in well under a
millisecond, where a general vectorizer spends most of its time on validation.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

WORD = re.compile(r"\w+")
CHARACTER_SIZES = (2, 3, 4, 5)
MIN_TEXTS = 2  # a character n-gram of one text alone says nothing about another
MAX_CHARACTERS = 8_000  # of one text; longer ones are cut so that one call cannot hold up the rest
WORD_MARK, CHARACTER_MARK = "w", "c"  # first letter of a feature's name: which block it belongs to


@dataclass(frozen=True)
class Grams:
    """A fitted vocabulary. ``transform`` gives one sparse row a text, each block scaled to length one."""

    vocabulary: dict[str, int]
    idf: NDArray[np.float32]  # ln((1 + texts) / (1 + texts with the n-gram)) + 1

    def transform(self, texts: Sequence[str]) -> Any:
        """Sparse matrix, texts by n-grams. Log of counts, since the tenth mention adds little."""
        import scipy.sparse as sparse

        rows = [self._row(text) for text in texts]
        starts = np.cumsum([0] + [len(places) for places, _ in rows])
        places = np.concatenate([row[0] for row in rows]) if rows else np.zeros(0, dtype=np.int32)
        values = np.concatenate([row[1] for row in rows]) if rows else np.zeros(0, dtype=np.float32)
        return sparse.csr_matrix((values, places, starts), shape=(len(rows), len(self.idf)), copy=False)

    def _row(self, text: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        words, characters = _count(text)
        left, right = self._block(words), self._block(characters)
        return np.concatenate((left[0], right[0])), np.concatenate((left[1], right[1]))

    def _block(self, counts: Counter[str]) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        known = [(place, count) for gram, count in counts.items() if (place := self.vocabulary.get(gram)) is not None]
        if not known:
            return np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.float32)
        pairs = np.array(known, dtype=np.int32)
        values = (1 + np.log(pairs[:, 1].astype(np.float32))) * self.idf[pairs[:, 0]]
        return pairs[:, 0], values / math.sqrt(float(values @ values))


def fit_grams(texts: Sequence[str]) -> Grams:
    """Vocabulary and weights of the texts; the order of the texts does not matter."""
    texts_with: Counter[str] = Counter()
    for text in texts:
        words, characters = _count(text)
        texts_with.update(words.keys())
        texts_with.update(characters.keys())
    names = sorted(name for name, count in texts_with.items() if name[0] == WORD_MARK or count >= MIN_TEXTS)
    seen = np.array([texts_with[name] for name in names], dtype=np.float64)
    idf = (np.log((1 + len(texts)) / (1 + seen)) + 1).astype(np.float32)
    return Grams({name: place for place, name in enumerate(names)}, idf)


def _count(text: str) -> tuple[Counter[str], Counter[str]]:
    """Words and pairs of words; pieces of two to five characters inside words, edges marked by a space."""
    words = WORD.findall(text[:MAX_CHARACTERS].lower())
    word_grams = Counter([WORD_MARK + word for word in words])
    word_grams.update([f"{WORD_MARK}{left} {right}" for left, right in pairwise(words)])
    return word_grams, _count_characters(text)


def _count_characters(text: str) -> Counter[str]:
    pieces: list[str] = []
    for word in text[:MAX_CHARACTERS].lower().split():
        padded = f" {word} "
        for size in CHARACTER_SIZES:
            if size >= len(padded):
                pieces.append(CHARACTER_MARK + padded)
                break
            pieces += [CHARACTER_MARK + padded[place : place + size] for place in range(len(padded) - size + 1)]
    return Counter(pieces)

"""Texts as a kernel machine sees them: one matrix of likenesses, close to what the ``head`` student works with.

Words, pairs of words and pieces of words, weighted by TF-IDF, beside the static embeddings. All of it runs in numpy
over the whole sample at once: a prediction has about a second for three thousand requests.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.embed import FloatMatrix, embed, unit

GRAM_BITS = 20  # n-grams are told apart by so many bits of their hash
PIECE_SIZES = (2, 3, 4, 5)
PIECE_CHARACTERS = 400_000  # of a sample, shared evenly by its texts: pieces of long texts cost more than they tell
EMBEDDED_CHARACTERS = 600_000  # the same for embeddings
WORD_CHARACTERS = 1_500_000  # the same for words
LEAST_CHARACTERS = 60  # of one text
FREQUENT = 1 / 32  # share of texts from which an n-gram gets a dense column; a sparse product would crawl
COMMON = 0.9  # share of texts from which an n-gram is template and tells nothing
DENSE_WEIGHT = 2.25  # of the embedding's kernel beside the n-gram blocks: the head's 1.5, squared
SPACE, END = 32, 10
BASE = np.uint64(0x9E3779B97F4A7C15)  # odd, so that it has an inverse modulo 2 ** 64

Hashes = NDArray[np.uint64]
Places = NDArray[np.int64]


def likeness(texts: Sequence[str]) -> tuple[FloatMatrix, FloatMatrix]:
    """Kernel between all texts (rows alike), and the cosines of their embeddings around the centre.

    K = words.words' + pieces.pieces' + 2.25 exp(-2 (1 - cosine)) + 1, the last for the intercept.
    """
    cosines = embedded_cosines(texts)
    kernel = gram_products(texts)
    kernel += np.float32(DENSE_WEIGHT) * np.exp(np.float32(-2) * (1 - cosines)) + np.float32(1)
    return kernel, cosines


def embedded_cosines(texts: Sequence[str]) -> FloatMatrix:
    """Cosines between the texts' static embeddings after their mean is taken off."""
    raw = embed(both_ends(texts, EMBEDDED_CHARACTERS))
    vectors = unit(raw - raw.mean(axis=0, keepdims=True))
    cosines: FloatMatrix = vectors @ vectors.T
    return cosines


def gram_products(texts: Sequence[str]) -> FloatMatrix:
    """Products of the texts' word vectors plus those of their piece vectors, each vector of length one."""
    words = _words(_Joined(both_ends(texts, WORD_CHARACTERS)))
    pieces = _pieces(_Joined(both_ends(texts, PIECE_CHARACTERS)))
    return _products(_weigh(*words, len(texts)), len(texts)) + _products(_weigh(*pieces, len(texts)), len(texts))


def both_ends(texts: Sequence[str], characters: int) -> list[str]:
    """The texts within so many characters in all: of a longer one its start and its end, where questions stand.

    >>> both_ends(["ab" * 100], 60) == ["ab" * 15 + " " + "ab" * 15]
    True
    """
    each = max(LEAST_CHARACTERS, characters // max(len(texts), 1))
    half = each // 2
    return [text if len(text) <= each else f"{text[:half]} {text[-half:]}" for text in texts]


class _Joined:
    """All texts in one array of characters, with running hashes from which any stretch's hash follows."""

    def __init__(self, texts: Sequence[str]) -> None:
        joined = "".join(f" {text} \n" for text in texts)
        self.characters = np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
        self.is_space = (self.characters == SPACE) | (self.characters == END)
        self.row = np.cumsum(self.characters == END) - (self.characters == END)
        self._inverse = _powers(np.uint64(pow(int(BASE), -1, 2**64)), len(self.characters) + 1)
        powers = _powers(BASE, len(self.characters))
        self._running = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(self.characters * powers)])

    def hashes(self, starts: Places, ends: Places) -> Hashes:
        """The hash of the characters from each start up to its end; equal stretches have equal hashes."""
        found: Hashes = (self._running[ends] - self._running[starts]) * self._inverse[starts]
        return found


def _powers(base: np.uint64, count: int) -> Hashes:
    """1, base, base ** 2, …, each modulo 2 ** 64."""
    found = np.full(count, base, dtype=np.uint64)
    found[:1] = 1
    return np.cumprod(found, dtype=np.uint64)


def _words(joined: _Joined) -> tuple[Places, Hashes]:
    """Row and hash of every word and of every pair of neighbouring words."""
    edges = np.diff(joined.is_space.astype(np.int8))
    starts, ends = np.flatnonzero(edges == -1) + 1, np.flatnonzero(edges == 1) + 1
    rows, single = joined.row[starts], joined.hashes(starts, ends)
    together = rows[1:] == rows[:-1]
    pairs = (single[:-1] * np.uint64(3) + single[1:] * BASE)[together]
    return np.concatenate([rows, rows[1:][together]]), np.concatenate([single, pairs])


def _pieces(joined: _Joined) -> tuple[Places, Hashes]:
    """Row and hash of pieces of two to five characters; a space may stand at an edge, never inside."""
    found = [_pieces_of(joined, size) for size in PIECE_SIZES]
    return np.concatenate([rows for rows, _ in found]), np.concatenate([hashes for _, hashes in found])


def _pieces_of(joined: _Joined, size: int) -> tuple[Places, Hashes]:
    spaces = np.concatenate([[0], np.cumsum(joined.is_space)])
    starts = np.arange(max(0, len(joined.characters) - size + 1))
    inside = spaces[starts + size - 1] - spaces[starts + 1]
    whole = spaces[starts + size] - spaces[starts]
    starts = starts[(inside == 0) & (whole < size)]
    return joined.row[starts], joined.hashes(starts, starts + size)


class _Weighed(NamedTuple):
    """Non-zero cells of a matrix of texts by n-grams."""

    rows: Places
    grams: Places
    weights: NDArray[np.float32]


def _weigh(rows: Places, hashes: Hashes, texts: int) -> _Weighed:
    """(1 + ln count) x (ln((1 + texts) / (1 + texts with it)) + 1), rows of length one.

    An n-gram of one text alone says nothing about another and is left out, as is one that nearly all texts have.
    """
    mixed = (hashes ^ (hashes >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    grams = (mixed >> np.uint64(64 - GRAM_BITS)).astype(np.int64)
    keys, counts = np.unique((rows.astype(np.int64) << GRAM_BITS) | grams, return_counts=True)
    rows, grams = keys >> GRAM_BITS, keys & ((1 << GRAM_BITS) - 1)
    texts_with = np.bincount(grams, minlength=1 << GRAM_BITS)
    kept = (texts_with[grams] > 1) & (texts_with[grams] <= max(COMMON * texts, 2))
    rows, grams, counts = rows[kept], grams[kept], counts[kept]
    weights = (1 + np.log(counts)) * (np.log((1 + texts) / (1 + texts_with[grams])) + 1)
    length = np.sqrt(np.bincount(rows, weights**2, minlength=texts))
    return _Weighed(rows, grams, (weights / length[rows]).astype(np.float32))


def _products(cells: _Weighed, texts: int) -> FloatMatrix:
    """The matrix times its transpose: frequent n-grams as dense columns, the rest sparse."""
    import scipy.sparse as sparse

    _, places, texts_with = np.unique(cells.grams, return_inverse=True, return_counts=True)
    is_frequent = texts_with > FREQUENT * texts
    column = np.cumsum(is_frequent) - 1
    here = is_frequent[places]
    dense = np.zeros((texts, int(is_frequent.sum())), dtype=np.float32)
    dense[cells.rows[here], column[places[here]]] = cells.weights[here]
    rare = sparse.csr_matrix((cells.weights[~here], (cells.rows[~here], places[~here])), shape=(texts, len(texts_with)))
    together: FloatMatrix = dense @ dense.T + (rare @ rare.T).toarray()
    return together

"""Near-duplicate inputs get one number, so that none of them is on both sides of a split.

Two inputs are near-duplicates when at least 70 % of their three-letter pieces are shared (Jaccard): a greeting, a
typo or another ending. Candidates come from MinHash in bands (Broder 1997), so the work grows with the number of
texts and not with its square; each candidate is then compared exactly.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SIMILAR = 0.7
BANDS, ROWS_A_BAND = 20, 4  # finds 99.6 % of pairs at 0.7 and all but one in 10,000 at 0.8
PRIME = np.uint64(4_294_967_291)
BUCKET_NEIGHBOURS = 12  # each text is compared with so many others of its bucket; a chain joins the rest
CHUNK = 100_000

Numbers = NDArray[np.int64]


def near_duplicate_groups(forms: Sequence[str]) -> list[int]:
    """A group number for each form; equal and near-equal forms share it."""
    distinct = sorted(set(forms))
    pieces = _piece_matrix(distinct)
    pairs = _candidates(_signatures(pieces))
    close = pairs[_jaccard(pieces, pairs) >= SIMILAR] if len(pairs) else pairs
    number = dict(zip(distinct, _components(close, len(distinct)), strict=True))
    return [number[form] for form in forms]


def piece_set(form: str) -> set[str]:
    """The three-letter pieces of a form, with a space around it so that starts and ends count."""
    padded = f" {form} "
    return {padded[place : place + 3] for place in range(len(padded) - 2)} or {padded}


def _piece_matrix(forms: list[str]) -> "tuple[Numbers, Numbers]":
    """Row starts and piece numbers of each form, as in a sparse matrix of ones."""
    numbers: dict[str, int] = {}
    found: list[int] = []
    starts = [0]
    for form in forms:
        found.extend(sorted(numbers.setdefault(piece, len(numbers)) for piece in sorted(piece_set(form))))
        starts.append(len(found))
    return np.array(starts, dtype=np.int64), np.array(found, dtype=np.int64)


def _signatures(pieces: "tuple[Numbers, Numbers]") -> NDArray[np.uint64]:
    """MinHash: for each of many random hashes, the least hash among a form's pieces."""
    starts, numbers = pieces
    random = np.random.default_rng(0)
    factors = random.integers(1, int(PRIME), (BANDS * ROWS_A_BAND, 2), dtype=np.uint64)
    values = numbers.astype(np.uint64) + np.uint64(1)
    columns = [np.minimum.reduceat((values * a + b) % PRIME, starts[:-1]) for a, b in factors]
    return np.stack(columns, axis=1)


def _candidates(signatures: NDArray[np.uint64]) -> Numbers:
    """Pairs of rows that agree on a whole band."""
    found = [_band_pairs(signatures[:, band * ROWS_A_BAND : (band + 1) * ROWS_A_BAND]) for band in range(BANDS)]
    keys = np.unique(np.concatenate([pairs[:, 0] * len(signatures) + pairs[:, 1] for pairs in found]))
    return np.stack([keys // len(signatures), keys % len(signatures)], axis=1)


def _band_pairs(band: NDArray[np.uint64]) -> Numbers:
    mixed = np.zeros(len(band), dtype=np.uint64)
    for column in band.T:  # wraps around on purpose: equal rows stay equal
        mixed = mixed * np.uint64(1_000_003) + column
    order = np.lexsort((np.arange(len(mixed)), mixed))
    found = []
    for step in range(1, BUCKET_NEIGHBOURS + 1):
        same = mixed[order[step:]] == mixed[order[:-step]]
        found.append(np.stack([order[:-step][same], order[step:][same]], axis=1))
    return np.sort(np.concatenate(found), axis=1)


def _jaccard(pieces: "tuple[Numbers, Numbers]", pairs: Numbers) -> NDArray[np.float64]:
    """Shared pieces over all pieces, for each pair of rows."""
    import scipy.sparse as sparse

    starts, numbers = pieces
    ones = np.ones(len(numbers), dtype=np.float32)
    matrix = sparse.csr_matrix((ones, numbers, starts))
    size = np.diff(starts)
    shares = []
    for begin in range(0, len(pairs), CHUNK):
        left, right = pairs[begin : begin + CHUNK].T
        shared = np.asarray(matrix[left].multiply(matrix[right]).sum(axis=1)).ravel()
        shares.append(shared / (size[left] + size[right] - shared))
    return np.concatenate(shares)


def _components(pairs: Numbers, count: int) -> list[int]:
    """Connected components of the pairs, numbered by their first member."""
    import scipy.sparse as sparse
    from scipy.sparse.csgraph import connected_components

    graph = sparse.coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    return [int(number) for number in connected_components(graph, directed=False)[1]]

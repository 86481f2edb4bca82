"""Intervals and tests by resampling whole near-duplicate groups, because inputs that read alike are not independent.

Percentile bootstrap over groups (Efron 1979; Field and Welsh 2007) for figures, and an exact-in-the-limit exchange
test for differences: under equality, swapping the two answerers' answers to a group changes nothing (Fisher 1935).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from analytics.contracts import Interval
from pipeline.metrics import Matrix, Tally

RESAMPLES, SWAPS = 1_000, 2_000
LEAST_GROUPS = 20  # fewer say too little of how groups differ
CHUNK = 100
DENSE = 32  # columns up to which a plain product is faster
COVERS = "95% bootstrap over near-duplicate groups"


class Difference(NamedTuple):
    """One answerer's figure minus another's on the same rows."""

    value: float
    low: float | None  # None: too few groups
    high: float | None
    p_value: float | None  # two-sided
    covers: str


def interval(tally: Tally, groups: Sequence[int], seed: int) -> Interval | None:
    """A figure with its 95 % interval; None where it is unknown or stands on too few groups."""
    value = tally.value
    sums = group_sums(tally, groups)
    if value is None or len(sums) < LEAST_GROUPS:
        return None
    drawn = np.concatenate([tally.figure(_times(weights, sums)) for weights in _draws(len(sums), seed)])
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return Interval(value, min(float(low), value), max(float(high), value), COVERS, int(tally.applies.sum()))


def difference(first: Tally, second: Tally, groups: Sequence[int], seed: int) -> Difference | None:
    """First minus second, resampled together; None where either is unknown.

    Both tallies must count the same rows in the same columns, so that answers can be exchanged between them.
    """
    one, other = first.value, second.value
    if one is None or other is None:
        return None
    mine, theirs = group_sums(first, groups), group_sums(second, groups)
    value = one - other
    if len(mine) < LEAST_GROUPS:
        return Difference(value, None, None, None, f"no interval: fewer than {LEAST_GROUPS} groups")
    drawn = np.concatenate(
        [
            first.figure(_times(weights, mine)) - second.figure(_times(weights, theirs))
            for weights in _draws(len(mine), seed)
        ]
    )
    low, high = (float(edge) for edge in np.nanquantile(drawn, [0.025, 0.975]))
    return Difference(value, min(low, value), max(high, value), exchange_test(first, second, groups, seed), COVERS)


def exchange_test(first: Tally, second: Tally, groups: Sequence[int], seed: int) -> float:
    """Chance of a difference at least so large if the answerers of each group had been named by a coin."""
    mine, theirs = group_sums(first, groups), group_sums(second, groups)
    observed = abs(float(first.figure(mine.sum(axis=0)) - first.figure(theirs.sum(axis=0))))
    generator = np.random.default_rng(seed)
    gap, total = theirs - mine, mine.sum(axis=0) + theirs.sum(axis=0)
    extreme = 0
    for size in _chunks(SWAPS):
        swapped = generator.integers(0, 2, size=(size, len(mine))).astype(np.float64)
        one = mine.sum(axis=0) + _times(swapped, gap)
        found = np.abs(first.figure(one) - first.figure(total - one))
        extreme += int((np.nan_to_num(found, nan=np.inf) >= observed - 1e-12).sum())
    return (1 + extreme) / (1 + SWAPS)


def group_sums(tally: Tally, groups: Sequence[int]) -> Matrix:
    """The counts of the rows that apply, summed by group [groups, k]."""
    counts, members = tally.counts[tally.applies], np.asarray(groups, dtype=np.int64)[tally.applies]
    _, place = np.unique(members, return_inverse=True)
    sums = np.zeros((int(place.max()) + 1 if len(place) else 0, counts.shape[1]))
    np.add.at(sums, place, counts)
    return sums


def _times(weights: Matrix, sums: Matrix) -> Matrix:
    """Weights [resamples, groups] times counts [groups, k], which are mostly zero where there are many labels."""
    from scipy.sparse import csr_array

    return np.asarray((csr_array(sums).T @ weights.T).T) if sums.shape[1] > DENSE else weights @ sums


def _draws(groups: int, seed: int) -> Iterator[Matrix]:
    """How often each group is drawn, a few resamples at a time."""
    generator = np.random.default_rng(seed)
    for size in _chunks(RESAMPLES):
        yield generator.multinomial(groups, np.full(groups, 1 / groups), size=size).astype(np.float64)


def _chunks(total: int) -> Iterator[int]:
    return (min(CHUNK, total - start) for start in range(0, total, CHUNK))

"""Field F1 of JSON answers: pairs of path and typed value that both have, against all that either has.

Pairs are pooled over the rows, as slot F1 is (Tjong Kim Sang and De Meulder 2003), so an answer with many fields
weighs more. An answer that is no JSON has no pairs: every wanted one is missed, and it is counted.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.contracts import AnswerKind
from pipeline.metrics import Known, Matrix, Scores, Tally, ratio
from pipeline.metrics.parts.leaves import Leaf, leaf_counts

KINDS: frozenset[AnswerKind] = frozenset({"json"})
SAYS = "typed fields right; order within arrays, and which object of an array a value belongs to, do not count"


@dataclass(frozen=True)
class FieldScore:
    """One path over all rows."""

    path: str
    support: int  # wanted values
    precision: float | None  # None: never said
    recall: float | None  # None: never wanted
    f1: float | None


def score(said: Sequence[str], wanted: Sequence[str], known: Known) -> Scores:
    """F1 of one row's fields; None where the wanted answer is no JSON."""
    return [None if row is None else 2 * row[0] / (row[1] + row[2]) for row in _rows(said, wanted)]


def tallies(said: Sequence[str], wanted: Sequence[str], known: Known) -> Mapping[str, Tally]:
    """F1, precision, recall, and the share of answers that are no JSON."""
    rows = _rows(said, wanted)
    counts = np.array([row or (0, 0, 0, 0, 0) for row in rows], dtype=np.float64).reshape(len(rows), 5)
    applies = np.array([row is not None for row in rows], dtype=bool)
    figures = {"f1": _f1, "precision": _precision, "recall": _recall, "unreadable": _unreadable}
    return {
        f"json_fields_{name}": Tally(
            counts[:, 3:] if name == "unreadable" else counts, figure, applies, figure is _unreadable
        )
        for name, figure in figures.items()
    }


def by_field(said: Sequence[str], wanted: Sequence[str]) -> list[FieldScore]:
    """Precision and recall of each path, the most wanted first."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for one, other in zip(said, wanted, strict=True):
        truth = leaf_counts(other)
        if truth is None:
            continue
        given = leaf_counts(one) or Counter()
        for name, leaves in (("wanted", truth), ("given", given), ("both", truth & given)):
            for leaf, times in leaves.items():
                found[leaf.path][name] += times
    return [_field(path, found[path]) for path in sorted(found, key=lambda path: (-found[path]["wanted"], path))]


def _field(path: str, counts: Counter[str]) -> FieldScore:
    both, given, wanted = counts["both"], counts["given"], counts["wanted"]
    precision, recall = both / given if given else None, both / wanted if wanted else None
    return FieldScore(path, wanted, precision, recall, 2 * both / (given + wanted))


def _rows(said: Sequence[str], wanted: Sequence[str]) -> list[tuple[int, int, int, int, int] | None]:
    """For each row: pairs that both have, said, wanted; unreadable; 1."""
    return [_row(leaf_counts(one), leaf_counts(other)) for one, other in zip(said, wanted, strict=True)]


def _row(given: Counter[Leaf] | None, truth: Counter[Leaf] | None) -> tuple[int, int, int, int, int] | None:
    if truth is None:
        return None
    said = given or Counter()
    return (said & truth).total(), said.total(), truth.total(), int(given is None), 1


def _f1(sums: Matrix) -> Matrix:
    return ratio(2 * sums[..., 0], sums[..., 1] + sums[..., 2])


def _precision(sums: Matrix) -> Matrix:
    return ratio(sums[..., 0], sums[..., 1])


def _recall(sums: Matrix) -> Matrix:
    return ratio(sums[..., 0], sums[..., 2])


def _unreadable(sums: Matrix) -> Matrix:
    return ratio(sums[..., 0], sums[..., 1])

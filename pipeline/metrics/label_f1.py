"""Label F1: by label (macro) and over all labels (micro); for answers of several labels over their sets.

F1 = 2 TP / (2 TP + FP + FN) (van Rijsbergen 1979). Macro is the mean over labels that are wanted somewhere; one that
is never found counts 0. For single labels micro F1 is the share of equal answers.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.answer_kind import list_labels
from pipeline.contracts import AnswerKind
from pipeline.metrics import Known, Matrix, Scores, Tally, ratio

KINDS: frozenset[AnswerKind] = frozenset({"label", "labels"})
SAYS = "macro weighs every label alike, so rare ones count; micro weighs every label that is given or wanted alike"


def score(said: Sequence[str], wanted: Sequence[str], known: Known) -> Scores:
    """F1 of the row's two sets of labels; two empty sets are equal."""
    pairs = zip(_sets(said, known), _sets(wanted, known), strict=True)
    return [2 * len(one & other) / (len(one) + len(other)) if one or other else 1.0 for one, other in pairs]


def tallies(said: Sequence[str], wanted: Sequence[str], known: Known) -> Mapping[str, Tally]:
    """Macro and micro F1."""
    counts = _counts(_sets(said, known), _sets(wanted, known))
    applies = np.ones(len(counts), dtype=bool)
    return {"label_f1_macro": Tally(counts, _macro, applies), "label_f1_micro": Tally(counts, _micro, applies)}


def _sets(answers: Sequence[str], known: Known) -> list[frozenset[str]]:
    if known.answer_kind == "labels":
        return [frozenset(list_labels(answer)) for answer in answers]
    return [frozenset([answer]) for answer in answers]


def _counts(said: list[frozenset[str]], wanted: list[frozenset[str]]) -> Matrix:
    """[rows, 3 labels]: found, given wrongly and missed, one block each."""
    labels = sorted(frozenset().union(*said, *wanted))
    place = {label: number for number, label in enumerate(labels)}
    counts = np.zeros((len(said), 3, len(labels)))
    for row, (one, other) in enumerate(zip(said, wanted, strict=True)):
        for block, members in enumerate((one & other, one - other, other - one)):
            counts[row, block, [place[label] for label in members]] = 1
    return counts.reshape(len(said), 3 * len(labels))


def _f1(sums: Matrix) -> tuple[Matrix, Matrix]:
    """F1 of each label, and how often it is wanted."""
    found, wrong, missed = np.split(np.asarray(sums), 3, axis=-1)
    return ratio(2 * found, 2 * found + wrong + missed), found + missed


def _macro(sums: Matrix) -> Matrix:
    scores, support = _f1(sums)
    is_wanted = support > 0
    return ratio(np.where(is_wanted, np.nan_to_num(scores), 0.0).sum(axis=-1), is_wanted.sum(axis=-1))


def _micro(sums: Matrix) -> Matrix:
    found, wrong, missed = (part.sum(axis=-1) for part in np.split(np.asarray(sums), 3, axis=-1))
    return ratio(2 * found, 2 * found + wrong + missed)

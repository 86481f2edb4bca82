"""Free text against free text: ROUGE-L and chrF.

ROUGE-L (Lin 2004): F1 of the longest common subsequence of words, the mean of rows. chrF (Popović 2015): F-beta with
beta 2 of character n-grams of 1 to 6 without white space, averaged over the lengths, counts pooled over the rows.
Both see wording and not meaning: a paraphrase scores low, a flipped "not" scores high.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from pipeline.contracts import AnswerKind
from pipeline.metrics import Known, Matrix, Scores, Tally, mean_tally, ratio

KINDS: frozenset[AnswerKind] = frozenset({"text"})
SAYS = "likeness of wording, not of meaning"
WORD = re.compile(r"\w+")
LONGEST, BETA = 6, 2.0


def score(said: Sequence[str], wanted: Sequence[str], known: Known) -> Scores:
    """ROUGE-L of each row."""
    return [rouge_l(one, other) for one, other in zip(said, wanted, strict=True)]


def tallies(said: Sequence[str], wanted: Sequence[str], known: Known) -> Mapping[str, Tally]:
    """Mean ROUGE-L and pooled chrF."""
    counts = np.array([_grams(one, other) for one, other in zip(said, wanted, strict=True)], dtype=np.float64)
    pooled = Tally(counts.reshape(len(said), 3 * LONGEST), _chrf, np.ones(len(said), dtype=bool))
    return {"rouge_l": mean_tally(score(said, wanted, known)), "chrf": pooled}


def rouge_l(said: str, wanted: str) -> float:
    """F1 of the longest common subsequence of lower-case words; two texts without words are equal.

    >>> rouge_l("the cat sat", "the cat sat on the mat")
    0.6666666666666666
    """
    one, other = WORD.findall(said.casefold()), WORD.findall(wanted.casefold())
    return 2 * common_subsequence(one, other) / (len(one) + len(other)) if one or other else 1.0


def common_subsequence(one: Sequence[str], other: Sequence[str]) -> int:
    """Length of the longest common subsequence, a machine word of columns at a time (Hyyrö 2004)."""
    places: dict[str, int] = {}
    for place, word in enumerate(one):
        places[word] = places.get(word, 0) | 1 << place
    everywhere = (1 << len(one)) - 1
    row = everywhere
    for word in other:
        matched = row & places.get(word, 0)
        row = ((row + matched) | (row - matched)) & everywhere
    return len(one) - row.bit_count()


def chrf(said: str, wanted: str) -> float | None:
    """chrF of one text; None where neither has a character."""
    found = float(_chrf(np.array(_grams(said, wanted), dtype=np.float64)))
    return None if np.isnan(found) else found


def _grams(said: str, wanted: str) -> list[int]:
    """For each length: n-grams that both have, said, wanted."""
    one, other = "".join(said.split()), "".join(wanted.split())
    counts = []
    for length in range(1, LONGEST + 1):
        given, truth = (
            Counter(text[at : at + length] for at in range(len(text) - length + 1)) for text in (one, other)
        )
        counts += [(given & truth).total(), given.total(), truth.total()]
    return counts


def _chrf(sums: Matrix) -> Matrix:
    """Mean F-beta over the lengths that at least one side has."""
    both, given, truth = (np.asarray(sums)[..., part::3] for part in range(3))
    f = ratio((1 + BETA**2) * both, BETA**2 * truth + given)
    has = ~np.isnan(f)
    return ratio(np.where(has, f, 0.0).sum(axis=-1), has.sum(axis=-1))

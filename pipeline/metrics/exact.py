"""Equal in plain form, or not."""

from collections.abc import Mapping, Sequence

from pipeline.contracts import AnswerKind
from pipeline.metrics import Known, Scores, Tally, mean_tally

KINDS: frozenset[AnswerKind] = frozenset({"label", "labels", "json", "text"})
SAYS = "share of answers that are the wanted one; says nothing of how far off the others are"


def score(said: Sequence[str], wanted: Sequence[str], known: Known) -> Scores:
    """1 where both are the same text."""
    return [float(one == other) for one, other in zip(said, wanted, strict=True)]


def tallies(said: Sequence[str], wanted: Sequence[str], known: Known) -> Mapping[str, Tally]:
    """The share of equal answers."""
    return {"exact": mean_tally(score(said, wanted, known))}

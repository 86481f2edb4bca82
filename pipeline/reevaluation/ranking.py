"""Candidates in order, with intervals that hold for all of them together. Pure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from analytics.contracts import Interval
from pipeline.evaluation.paired import effective_rows, holm, newcombe_paired, normal_point, pairs, tango_z

LEVEL = 0.05  # chance that any interval of the family misses its difference, two-sided


class Against(NamedTuple):
    """One candidate against the reference on the same rows."""

    difference: Interval  # of agreement; simultaneous over the family (Bonferroni)
    p_value: float  # two-sided, Tango's score at no difference
    p_corrected: float  # Holm over the family; Bonferroni where part of it was compared in an earlier report

    @property
    def is_better(self) -> bool:
        """Shown to agree more often."""
        return self.difference.low > 0 and self.p_corrected < LEVEL


def against(
    candidates: Mapping[str, Sequence[bool]], reference: Sequence[bool], groups: Sequence[int], family: int
) -> dict[str, Against]:
    """Each candidate's agreement minus the reference's. family: everyone ever compared on these rows, at least these.

    Near-duplicates count as the fewer independent rows that they are worth.
    """
    from scipy.stats import norm

    size = max(family, len(candidates), 1)
    worth, z = effective_rows(groups), normal_point(LEVEL / (2 * size))
    counts = {name: pairs(right, reference).worth(worth) for name, right in candidates.items()}
    p_values = [2 * float(norm.sf(abs(tango_z(count, 0.0)))) for count in counts.values()]
    corrected = holm(p_values) if size == len(candidates) else [min(1.0, size * p) for p in p_values]
    found = {}
    for (name, count), p, p_corrected in zip(counts.items(), p_values, corrected, strict=True):
        between = newcombe_paired(count, z)
        assert between is not None and p_corrected is not None
        told = between.covers.split("%", 1)[1]
        covers = f"{100 * (1 - LEVEL):.0f}%{f' for all {size} compared,' if size > 1 else ''}{told}"
        found[name] = Against(Interval(between.value, between.low, between.high, covers, between.n), p, p_corrected)
    return found


def is_pareto(agreement: float, cost: float, others: Sequence[tuple[float, float]]) -> bool:
    """Whether nobody agrees as often for as little, and better in one of the two.

    >>> is_pareto(0.9, 1.0, [(0.9, 1.0), (0.95, 2.0)]), is_pareto(0.9, 2.0, [(0.9, 1.0)])
    (True, False)
    """
    mine = (agreement, -cost)
    return not any(a >= agreement and c <= cost and (a, -c) != mine for a, c in others)

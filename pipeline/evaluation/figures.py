"""Every metric that applies, with an interval; and how far the student is from others on the same rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from analytics.contracts import Interval
from analytics.statistics import mcnemar_exact, wilson
from pipeline.evaluation.paired import effective_rows, holm, newcombe_paired, pairs
from pipeline.evaluation.resample import Difference, difference, exchange_test, interval
from pipeline.metrics import Known, Metric, Tally, discover


@dataclass(frozen=True)
class Figure:
    """One headline figure of the student."""

    name: str
    metric: str
    on: str  # new inputs, traffic
    wanted: str  # whose answers are the measure: teacher, gold
    value: float
    low: float | None  # None: too few near-duplicate groups for an interval
    high: float | None
    n: int  # rows that it applies to
    covers: str


@dataclass(frozen=True)
class Comparison:
    """The student's figure minus another answerer's, on the same rows."""

    against: str
    metric: str
    on: str
    wanted: str
    difference: float
    low: float | None
    high: float | None
    p_value: float | None  # two-sided
    p_holm: float | None  # after Holm over everyone that the student is compared with by this metric
    n: int
    covers: str
    test: str


@dataclass(frozen=True)
class Sheet:
    """Rows to be measured on: what was wanted of each, and by whose word."""

    wanted: Sequence[str]
    groups: Sequence[int]  # near-duplicate inputs share a number
    on: str
    by: str  # teacher, gold
    known: Known
    seed: int

    def take(self, rows: Sequence[int]) -> "Sheet":
        """Some of the rows."""
        return replace(self, wanted=[self.wanted[row] for row in rows], groups=[self.groups[row] for row in rows])


def figures(said: Sequence[str], sheet: Sheet) -> list[Figure]:
    """Each metric of the answers' kind."""
    found = []
    for metric, module in discover(sheet.known.answer_kind).items():
        for name, tally in module.tallies(said, sheet.wanted, sheet.known).items():
            value = tally.value
            if value is not None:
                found.append(_figure(name, metric, sheet, tally, value))
    return found


def _figure(name: str, metric: str, sheet: Sheet, tally: Tally, value: float) -> Figure:
    n = int(tally.applies.sum())
    between = _share(tally) if tally.is_share else interval(tally, sheet.groups, sheet.seed)
    if between is None:
        return Figure(name, metric, sheet.on, sheet.by, value, None, None, n, "no interval: too few groups of inputs")
    return Figure(name, metric, sheet.on, sheet.by, value, between.low, between.high, n, between.covers)


def _share(tally: Tally) -> Interval | None:
    return wilson(round(float(tally.counts[tally.applies, 0].sum())), int(tally.applies.sum()))


def compare(said: Sequence[str], others: Mapping[str, Sequence[str]], sheet: Sheet) -> list[Comparison]:
    """The student against each of the others, by each metric of the answers' kind."""
    found: list[Comparison] = []
    for metric, module in discover(sheet.known.answer_kind).items():
        rows = [
            row for other, answers in others.items() for row in _compared(said, other, answers, metric, module, sheet)
        ]
        for name in dict.fromkeys(row.metric for row in rows):
            family = [row for row in rows if row.metric == name]
            corrected = holm([row.p_value for row in family])
            found += [replace(row, p_holm=p) for row, p in zip(family, corrected, strict=True)]
    return found


def _compared(
    said: Sequence[str], other: str, answers: Sequence[str], metric: str, module: Metric, sheet: Sheet
) -> list[Comparison]:
    mine, theirs = together(module, said, answers, sheet.wanted, sheet.known)
    found = []
    for name, tally in mine.items():
        both = tally.applies & theirs[name].applies
        apart = _apart(
            _kept(tally, both), _kept(theirs[name], both), np.asarray(sheet.groups)[both].tolist(), sheet.seed
        )
        if apart is not None:
            gap, test = apart
            edges = (gap.value, gap.low, gap.high, gap.p_value, None)
            found.append(Comparison(other, name, sheet.on, sheet.by, *edges, int(both.sum()), gap.covers, test))
    return found


def together(
    module: Metric, said: Sequence[str], answers: Sequence[str], wanted: Sequence[str], known: Known
) -> tuple[Mapping[str, Tally], Mapping[str, Tally]]:
    """Two answerers' tallies whose counts have the same columns."""
    rows = len(said)
    joint = module.tallies([*said, *answers], [*wanted, *wanted], known)
    parts = (slice(None, rows), slice(rows, None))
    first, second = (
        {name: replace(tally, counts=tally.counts[part], applies=tally.applies[part]) for name, tally in joint.items()}
        for part in parts
    )
    return first, second


def _kept(tally: Tally, rows: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> Tally:
    return replace(tally, counts=tally.counts[rows], applies=tally.applies[rows])


def _apart(first: Tally, second: Tally, groups: list[int], seed: int) -> tuple[Difference, str] | None:
    """The difference and the name of its test: exact where rows are right or wrong and do not repeat each other."""
    if not first.is_share:
        gap = difference(first, second, groups, seed)
        return None if gap is None else (gap, "exchange of groups")
    one, other = (list((tally.counts[:, 0] > 0).tolist()) for tally in (first, second))
    worth = effective_rows(groups)
    between = newcombe_paired(pairs(one, other).worth(worth)) if groups else None
    if between is None:
        return None
    repeats = worth < len(groups)
    p = exchange_test(first, second, groups, seed) if repeats else mcnemar_exact(one, other).p_value
    covers = between.covers + (f" at {worth:.0f} independent rows" if repeats else "")
    return Difference(
        between.value, between.low, between.high, p, covers
    ), "exchange of groups" if repeats else "exact McNemar"

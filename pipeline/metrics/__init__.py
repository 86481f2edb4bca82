"""How near one answer is to another. One module a metric; it is found by being here.

A metric has ``KINDS`` (answers it holds for), ``SAYS`` (one sentence for a reader), ``score``, which gives each row a
number from 0 to 1 or None where it does not apply, and ``tallies``, its headline figures. A headline is written as
counts a row and a figure of their sums, so that pooled figures (F1) and plain means are resampled alike.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from pipeline.contracts import AnswerKind

Matrix = NDArray[np.float64]
Scores = list[float | None]


@dataclass(frozen=True)
class Known:
    """What a metric may know beside the two answers."""

    answer_kind: AnswerKind = "label"
    taught: tuple[str, ...] = ()  # answers that trained, in plain form
    tables: tuple[str, ...] = ()  # ``create table`` statements that the prompts show
    relative_tolerance: float = 1e-3  # of the wanted number
    absolute_tolerance: float = 1e-6


@dataclass(frozen=True)
class Tally:
    """One headline: a row of counts for each row of answers, and the figure that their sums give."""

    counts: Matrix  # [rows, k]
    figure: Callable[[Matrix], Matrix]  # sums [..., k] to figures [...]; nan where there is nothing to count
    applies: NDArray[np.bool_]  # [rows]: whether the row has a say
    is_share: bool = False  # each row that applies counts 0 or 1, so the figure is a binomial share

    @property
    def value(self) -> float | None:
        """The figure over all rows; None without any that applies."""
        found = float(self.figure(self.counts.sum(axis=0)))
        return None if np.isnan(found) else found


class Metric(Protocol):
    """One module of this package."""

    KINDS: frozenset[AnswerKind]
    SAYS: str

    def score(self, said: Sequence[str], wanted: Sequence[str], known: Known) -> Scores:
        """From 0 to 1 for each row; None where the metric does not apply."""

    def tallies(self, said: Sequence[str], wanted: Sequence[str], known: Known) -> Mapping[str, Tally]:
        """The headline figures by name."""


def ratio(top: Matrix, bottom: Matrix) -> Matrix:
    """``top / bottom``, nan where ``bottom`` is 0."""
    top, bottom = np.asarray(top, dtype=np.float64), np.asarray(bottom, dtype=np.float64)
    unknown = np.full(np.broadcast_shapes(top.shape, bottom.shape), np.nan)
    return np.asarray(np.divide(top, bottom, out=unknown, where=bottom > 0))


def mean_tally(scores: Sequence[float | None]) -> Tally:
    """The mean of the rows that apply."""
    applies = np.array([score is not None for score in scores], dtype=bool)
    values = np.array([score or 0.0 for score in scores], dtype=np.float64)
    counts = np.stack([values, applies.astype(np.float64)], axis=1) if len(scores) else np.zeros((0, 2))
    is_share = bool(np.isin(values[applies], (0.0, 1.0)).all())
    return Tally(counts, lambda sums: ratio(sums[..., 0], sums[..., 1]), applies, is_share)


def names() -> list[str]:
    """Every metric."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.ispkg)


def discover(kind: AnswerKind | None = None) -> dict[str, Metric]:
    """The metrics by name; of one kind of answer, where it is given."""
    found = {name: cast(Metric, importlib.import_module(f"{__name__}.{name}")) for name in names()}
    return {name: metric for name, metric in found.items() if kind is None or kind in metric.KINDS}

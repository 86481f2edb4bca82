"""What must not train. One module a filter; it is found by being here.

A filter module has ``ORDER`` (when it runs), ``SCOPE`` and ``drop``, which gives a reason for each row that it
rejects and None for each that it keeps. Later filters see only what earlier ones kept.
"""

import importlib
import pkgutil
from collections import Counter
from dataclasses import dataclass
from typing import Literal, Protocol, cast

from pipeline.examples import Rows

Scope = Literal["usable", "trainable"]


class Filter(Protocol):
    """One reason family."""

    ORDER: int
    SCOPE: Scope  # usable: no teacher's answer to compare with, so out of everything; trainable: only out of training

    def drop(self, rows: Rows) -> list[str | None]:
        """The reason for each row that goes, None for each that stays."""


@dataclass(frozen=True)
class Filtered:
    """What a chain of filters decided."""

    reasons: list[str | None]  # by row; None: kept
    funnel: list["Step"]


@dataclass(frozen=True)
class Step:
    """One filter in the funnel."""

    filter: str
    rows_in: int
    rows_out: int
    reasons: dict[str, int]


def discover() -> dict[str, Filter]:
    """Every filter by name, in the order in which they run."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    found = {name: cast(Filter, importlib.import_module(f"{__name__}.{name}")) for name in names}
    return dict(sorted(found.items(), key=lambda item: (item[1].ORDER, item[0])))


def run_filters(rows: Rows, scope: Scope) -> Filtered:
    """All filters of one scope, one after the other."""
    reasons: list[str | None] = [None] * len(rows)
    funnel = []
    for name, module in discover().items():
        if scope != module.SCOPE:
            continue
        places = [place for place, reason in enumerate(reasons) if reason is None]
        verdicts = module.drop(rows.take(places))
        for place, verdict in zip(places, verdicts, strict=True):
            reasons[place] = verdict
        counts = Counter(verdict for verdict in verdicts if verdict is not None)
        funnel.append(Step(name, len(places), len(places) - counts.total(), dict(sorted(counts.items()))))
    return Filtered(reasons, funnel)

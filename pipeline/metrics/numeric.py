"""Numbers within tolerance: |said - wanted| <= max(absolute, relative x |wanted|), by default 1e-6 and 0.1 %.

Compared are an answer that is a number, and in a JSON answer every number at its place; a number that is written as
a string is another type and does not count (``json_fields`` tells).
"""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from pipeline.contracts import AnswerKind
from pipeline.metrics import Known, Scores, Tally, ratio
from pipeline.metrics.parts.leaves import parse, type_of

KINDS: frozenset[AnswerKind] = frozenset({"label", "json", "text"})
SAYS = "share of wanted numbers that are given within tolerance; says nothing of numbers that nobody wanted"


def score(said: Sequence[str], wanted: Sequence[str], known: Known) -> Scores:
    """Share of the row's wanted numbers that are met; None where no number is wanted."""
    return [met / count if count else None for met, count in _rows(said, wanted, known)]


def tallies(said: Sequence[str], wanted: Sequence[str], known: Known) -> Mapping[str, Tally]:
    """Share over all wanted numbers."""
    counts = np.array(_rows(said, wanted, known), dtype=np.float64).reshape(len(said), 2)
    applies = counts[:, 1] > 0
    is_share = bool((counts[:, 1] <= 1).all())
    return {"numeric": Tally(counts, lambda sums: ratio(sums[..., 0], sums[..., 1]), applies, is_share)}


def is_close(said: float, wanted: float, known: Known) -> bool:
    """Whether a number is near enough to the wanted one, which alone sets the scale."""
    return abs(said - wanted) <= max(known.absolute_tolerance, known.relative_tolerance * abs(wanted))


def _rows(said: Sequence[str], wanted: Sequence[str], known: Known) -> list[tuple[int, int]]:
    return [_row(dict(_numbers(one)), dict(_numbers(other)), known) for one, other in zip(said, wanted, strict=True)]


def _row(given: dict[str, float], truth: dict[str, float], known: Known) -> tuple[int, int]:
    met = sum(path in given and is_close(given[path], value, known) for path, value in truth.items())
    return met, len(truth)


def _numbers(answer: str) -> Iterator[tuple[str, float]]:
    found = parse(answer)
    if found is not None:
        yield from _numbers_in(found, "$")
    elif (number := _as_number(answer)) is not None:
        yield "$", number


def _numbers_in(value: object, path: str) -> Iterator[tuple[str, float]]:
    """Numbers by place; members of an array by their position."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        if type_of(member) == "number" and math.isfinite(member):
            yield f"{path}.{key}", float(member)
        else:
            yield from _numbers_in(member, f"{path}.{key}")


def _as_number(answer: str) -> float | None:
    try:
        found = float(answer.strip().replace(",", "") if answer.count(".") <= 1 else answer)
    except ValueError:
        return None
    return found if math.isfinite(found) else None

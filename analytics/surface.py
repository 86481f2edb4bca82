"""Value and chance over a grid of two inputs: where a project starts to pay.

Scan, never bisect: machines come in whole numbers, so value is not monotone in spend, and a bisection may return a
wrong root. Every point is the whole case as ``--set`` would have it, levers chosen anew, on the same draws.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from analytics.assumptions import Pert, known
from analytics.configuration import cheapest, with_levers
from analytics.decision import Question
from analytics.errors import InputError
from analytics.simulate import simulate

SURFACE_DRAWS = 2_000
STEPS = (13, 7)  # points along the first and the second input
MOST_STEPS = 60
WIDER = 4.0  # of an input spread by ratio: a quarter to four times its value
DEFAULT_AXES = ("monthly_spend_usd", "fallback_share")


class Axis(NamedTuple):
    """One input and the values at which it is looked at."""

    name: str
    unit: str
    now: float
    values: tuple[float, ...]  # rising


class SurfacePoint(NamedTuple):
    """The case at one pair of values."""

    x: float
    y: float
    npv_24m_p50_usd: float
    p_break_even_24m: float


class Boundary(NamedTuple):
    """Where the median value changes its sign along the first input, at one value of the second."""

    y: float
    x: tuple[float, ...]  # interpolated between points of the grid, rising and falling crossings alike


@dataclass(frozen=True)
class Surface:
    """Points by rows of the second input, each along the first."""

    x: Axis
    y: Axis
    points: tuple[SurfacePoint, ...]
    boundary: tuple[Boundary, ...]
    draws: int


def surface(question: Question, x: Axis, y: Axis, draws: int = SURFACE_DRAWS) -> Surface:
    """The grid over two axes."""
    points = tuple(_point(question, (x, y), at, draws) for at in ((a, b) for b in y.values for a in x.values))
    width = len(x.values)
    rows = [points[start : start + width] for start in range(0, len(points), width)]
    return Surface(x, y, points, tuple(Boundary(row[0].y, _crossings(row)) for row in rows), draws)


def default_surface(question: Question) -> Surface:
    """Over today's spend and the share handed back."""
    x, y = (axis_of(question, name, steps) for name, steps in zip(DEFAULT_AXES, STEPS, strict=True))
    return surface(question, x, y)


def parse_axes(question: Question, text: str) -> tuple[Axis, Axis]:
    """``NAME,NAME``, each NAME or NAME=LOW:HIGH or NAME=LOW:HIGH:POINTS. Raises InputError, UnknownName."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != 2 or not all(parts):
        raise InputError(f"--surface takes two assumptions, NAME,NAME, not {text!r}")
    first, second = (_axis(question, part, steps) for part, steps in zip(parts, STEPS, strict=True))
    if first.name == second.name:
        raise InputError(f"--surface takes two different assumptions; {first.name} is named twice")
    return first, second


def axis_of(question: Question, name: str, steps: int) -> Axis:
    """An input over its spread, or from a quarter to four times its value, with its value among the points."""
    entry, now = known(name), question.assumptions.value(name)
    spread = question.assumptions.settings[name].spread
    if isinstance(spread, Pert) and spread.low < spread.high:
        return _between(entry.name, now, spread.low, spread.high, steps)
    if now <= 0:
        raise InputError(f"{name} is {now:g}, which says nothing of its range: give it as {name}=LOW:HIGH")
    half = steps // 2
    values = now * WIDER ** (np.arange(-half, steps - half) / max(half, 1))
    return _given(entry.name, now, np.clip(values, entry.minimum, entry.maximum))


def _axis(question: Question, text: str, steps: int) -> Axis:
    name, equals, given = (part.strip() for part in text.partition("="))
    entry = known(name)
    if not equals:
        return axis_of(question, name, steps)
    numbers = given.split(":")
    try:
        low, high, count = float(numbers[0]), float(numbers[1]), int(numbers[2]) if len(numbers) > 2 else steps
    except (ValueError, IndexError):
        raise InputError(f"--surface {name} takes LOW:HIGH or LOW:HIGH:POINTS, not {given!r}") from None
    if not entry.minimum <= low < high <= entry.maximum or len(numbers) > 3:
        raise InputError(
            f"--surface {name} takes LOW:HIGH with LOW < HIGH from {entry.minimum:g} to {entry.maximum:g} "
            f"[{entry.unit}], not {given!r}"
        )
    if not 2 <= count <= MOST_STEPS:
        raise InputError(f"--surface {name} takes 2 to {MOST_STEPS} points, not {count}")
    return _given(name, question.assumptions.value(name), np.linspace(low, high, count))


def _between(name: str, now: float, low: float, high: float, steps: int) -> Axis:
    values = np.linspace(low, high, steps)
    if low < now < high:
        values[np.argmin(np.abs(values - now)[1:-1]) + 1] = now  # the case as it is, among the points
    return _given(name, now, values)


def _given(name: str, now: float, values: Sequence[float] | np.ndarray) -> Axis:
    return Axis(name, known(name).unit, now, tuple(float(value) for value in np.unique(values)))


def _point(question: Question, axes: tuple[Axis, Axis], at: tuple[float, float], draws: int) -> SurfacePoint:
    assumptions = question.assumptions
    for axis, value in zip(axes, at, strict=True):
        assumptions = assumptions.at(axis.name, value)
    levers = Question(assumptions, alternatives=question.alternatives).levers
    case = with_levers(assumptions, cheapest(assumptions, levers), levers)
    found = simulate(case, (), draws)
    return SurfacePoint(*at, found.npv_p50_usd, found.p_break_even[24])


def _crossings(row: Sequence[SurfacePoint]) -> tuple[float, ...]:
    found = []
    for here, there in pairwise(row):
        before, after = here.npv_24m_p50_usd, there.npv_24m_p50_usd
        if (before >= 0) != (after >= 0):
            found.append(here.x + (there.x - here.x) * before / (before - after))
    return tuple(found)

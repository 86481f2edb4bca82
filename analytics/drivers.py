"""Which assumptions move the present value most, and at which value the answer turns."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.assumptions import Assumptions, Fixed, Lognormal, Setting, known
from analytics.costs import npv_usd
from analytics.inputs import Array, Inputs, inputs_of
from analytics.simulate import COLUMNS, quantile

SCAN_POINTS = 2_001
REFINE_POINTS = 1_001


@dataclass(frozen=True)
class Driver:
    """One input's effect with all others at their values, 10th against 90th percentile."""

    name: str
    unit: str
    value: float
    low_value: float  # 10th percentile of the input
    high_value: float
    npv_at_low_usd: float
    npv_at_high_usd: float
    swing_usd: float
    flip_value: float | None  # nearest value at which the 24-month present value changes sign


class _Swing(NamedTuple):
    name: str
    low_value: float
    high_value: float
    npv_at_low_usd: float
    npv_at_high_usd: float


def largest(assumptions: Assumptions, count: int = 3) -> tuple[Driver, ...]:
    """The inputs with the largest swing, largest first, each with its flip value."""
    swings = sorted(tornado(assumptions), key=lambda swing: -abs(swing.npv_at_high_usd - swing.npv_at_low_usd))
    return tuple(_driver(assumptions, swing) for swing in swings[:count])


def tornado(assumptions: Assumptions) -> list[_Swing]:
    """Present value with one input at its 10th and 90th percentile, for every varied input, in one pass."""
    names = [name for name in COLUMNS if not isinstance(assumptions.settings[name].spread, Fixed)]
    base = inputs_of(assumptions)
    if not names:
        return []
    columns: dict[str, Array] = {name: np.repeat(getattr(base, name), 2 * len(names)) for name in names}
    for position, name in enumerate(names):
        columns[name][2 * position : 2 * position + 2] = _p10_p90(assumptions.settings[name])
    npv = npv_usd(replace(base, **columns)).reshape(-1, 2)
    return [
        _Swing(name, *columns[name][2 * position : 2 * position + 2].tolist(), *npv[position].tolist())
        for position, name in enumerate(names)
    ]


def _p10_p90(setting: Setting) -> Array:
    return quantile(setting, np.array([0.1, 0.9]))


def _driver(assumptions: Assumptions, swing: _Swing) -> Driver:
    return Driver(
        name=swing.name,
        unit=known(swing.name).unit,
        value=assumptions.value(swing.name),
        low_value=swing.low_value,
        high_value=swing.high_value,
        npv_at_low_usd=swing.npv_at_low_usd,
        npv_at_high_usd=swing.npv_at_high_usd,
        swing_usd=abs(swing.npv_at_high_usd - swing.npv_at_low_usd),
        flip_value=flip_value(assumptions, swing.name),
    )


def flip_value(assumptions: Assumptions, name: str) -> float | None:
    """Nearest value of one input at which the 24-month present value changes sign; None inside its range.

    A scan over the registered range, since value jumps where one more machine is needed.
    """
    inputs, value = inputs_of(assumptions), assumptions.value(name)
    grid = _grid(assumptions, name)
    turns = _sign_changes(inputs, name, grid)
    if not len(turns):
        return None
    nearest = turns[np.argmin(np.abs((grid[turns] + grid[turns + 1]) / 2 - value))]
    low, high = float(grid[nearest]), float(grid[nearest + 1])
    for _ in range(2):
        fine = np.linspace(low, high, REFINE_POINTS)
        first = int(_sign_changes(inputs, name, fine)[0])
        low, high = float(fine[first]), float(fine[first + 1])
    return (low + high) / 2


def _grid(assumptions: Assumptions, name: str) -> Array:
    """Points over the registered range; by ratio, up to 1,000 times, for what is spread by ratio."""
    entry, value = known(name), assumptions.value(name)
    if isinstance(assumptions.settings[name].spread, Lognormal) and value > 0:
        points = np.geomspace(max(entry.minimum, value / 1_000), min(entry.maximum, value * 1_000), SCAN_POINTS)
        return np.unique(np.append(points, [entry.minimum, value]))
    return np.unique(np.append(np.linspace(entry.minimum, entry.maximum, SCAN_POINTS), value))


def _sign_changes(inputs: Inputs, name: str, grid: Array) -> NDArray[np.intp]:
    gains = npv_usd(inputs.but(name, grid)) >= 0
    return np.flatnonzero(gains[1:] != gains[:-1])

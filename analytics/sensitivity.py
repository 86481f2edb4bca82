"""Which inputs the spread of the value comes from, alone and together with others (Sobol' indices)."""

from typing import NamedTuple

import numpy as np

from analytics.assumptions import Assumptions, Fixed
from analytics.costs import npv_usd
from analytics.inputs import Array, inputs_of
from analytics.simulate import COLUMNS, SEED, sampled

SOBOL_POINTS = 1_024  # a power of two; the number of cases is this times (inputs + 2)


class Share(NamedTuple):
    """Share of the variance of the 24-month present value that one input explains."""

    name: str
    first_order: float  # by itself
    total: float  # with everything that it does together with others
    total_error: float  # half a 95 % interval of the total, by bootstrap


def sobol(assumptions: Assumptions, points: int = SOBOL_POINTS) -> list[Share]:
    """Indices of every varied input, largest total first; project failure is left out. Empty where nothing varies."""
    names = [name for name in COLUMNS if not isinstance(assumptions.settings[name].spread, Fixed)]
    if not names:
        return []
    from SALib.analyze import sobol as indices
    from SALib.sample import sobol as sampling

    problem = {"num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names)}
    points_drawn = sampling.sample(problem, points, calc_second_order=False, seed=SEED)
    value = _npv_usd(assumptions, names, points_drawn)
    found = indices.analyze(problem, value, calc_second_order=False, seed=SEED)
    rows = zip(names, found["S1"], found["ST"], found["ST_conf"], strict=True)
    return sorted((Share(name, *map(float, numbers)) for name, *numbers in rows), key=lambda share: -share.total)


def _npv_usd(assumptions: Assumptions, names: list[str], points: Array) -> Array:
    uniforms = np.full((len(points), len(COLUMNS) + 1), 0.5)
    for column, name in enumerate(names):
        uniforms[:, COLUMNS.index(name)] = np.clip(points[:, column], 1e-6, 1 - 1e-6)
    return npv_usd(sampled(assumptions, inputs_of(assumptions), uniforms))

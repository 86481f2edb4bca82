"""Cumulative cash month by month: its spread, when it turns positive, and how deep it goes, over the draws."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.assumptions import Assumptions
from analytics.costs import HORIZON_MONTHS, one_off_usd, paths
from analytics.inputs import Array, inputs_of
from analytics.simulate import COLUMNS, SEED, sampled

DRAWS = 4000


class FanPoint(NamedTuple):
    """Cumulative savings at the end of one month [USD], by percentile of the draws."""

    month: int
    p10: float
    p25: float
    p50: float
    p75: float
    p90: float


class BreakEvenBand(NamedTuple):
    """When cumulative cash is first not negative [months from the start]; None where no draw gets there."""

    p10: float | None
    p50: float | None
    p90: float | None
    never_share: float  # draws that do not get there within the horizon, failed projects among them


class CashAtRisk(NamedTuple):
    """The lowest point that cumulative cash passes through [USD]; zero where it is never negative."""

    p50_usd: float
    p5_usd: float  # one draw in twenty goes deeper


@dataclass(frozen=True)
class CashFan:
    """What the draws say of cash over time."""

    points: list[FanPoint]
    break_even: BreakEvenBand
    at_risk: CashAtRisk


def cash_fan(assumptions: Assumptions, months: int = HORIZON_MONTHS) -> CashFan:
    """All of it, from one set of draws, failures included: a failed project stays at what it lost."""
    saved = drawn_paths(assumptions, months)
    bands = np.percentile(saved, [10, 25, 50, 75, 90], axis=1)
    points = [FanPoint(month, *map(float, bands[:, month])) for month in range(saved.shape[0])]
    return CashFan(points, break_even_band(first_crossings(saved)), cash_at_risk(saved))


def drawn_paths(assumptions: Assumptions, months: int) -> NDArray[np.float64]:
    """Cumulative cash of each draw [months + 1, draws] [USD]."""
    uniforms = np.random.default_rng(SEED).random((DRAWS, len(COLUMNS) + 1))
    inputs = sampled(assumptions, inputs_of(assumptions), uniforms)
    saved = np.array(paths(inputs, months).cumulative_usd)
    failed = uniforms[:, -1] > 1 - inputs.project_failure_share
    lost = np.broadcast_to(-inputs.failure_loss_share * one_off_usd(inputs), failed.shape)
    return np.where(failed, lost, np.broadcast_to(saved, (months + 1, DRAWS)))


def first_crossings(saved: NDArray[np.float64]) -> Array:
    """Month in which each draw is first not negative, linear within the month; not a number where it never is.

    Taken from each path, not from where the bands of the fan meet zero: these are quantiles of other paths each month.

    >>> first_crossings(np.array([[-4.0, -4.0], [-2.0, -5.0], [2.0, -6.0]])).tolist()
    [1.5, nan]
    """
    paid = saved >= 0
    month = paid.argmax(axis=0)
    draws = np.arange(saved.shape[1])
    before, after = saved[np.maximum(month - 1, 0), draws], saved[month, draws]
    rise = np.where(after > before, after - before, 1.0)
    within = np.where(month > 0, month - 1 - before / rise, 0.0)
    return np.where(paid.any(axis=0), within, np.nan)


def break_even_band(crossings: Array) -> BreakEvenBand:
    """Percentiles of the crossings that happen, and the share that do not.

    >>> break_even_band(np.array([3.0, 5.0, 7.0, np.nan])).never_share
    0.25
    """
    there = crossings[np.isfinite(crossings)]
    never = 1 - len(there) / len(crossings)
    if not len(there):
        return BreakEvenBand(None, None, None, never)
    early, middle, late = map(float, np.percentile(there, [10, 50, 90]))
    return BreakEvenBand(early, middle, late, never)


def cash_at_risk(saved: NDArray[np.float64]) -> CashAtRisk:
    """How much of its own money a project has out at its worst: median, and one draw in twenty [USD].

    >>> cash_at_risk(np.array([[-5.0], [-7.0], [3.0]]))
    CashAtRisk(p50_usd=-7.0, p5_usd=-7.0)
    """
    deep, lowest = np.percentile(np.minimum(saved.min(axis=0), 0.0), [5, 50])
    return CashAtRisk(float(lowest), float(deep))

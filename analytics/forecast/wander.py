"""How far the level of a series wanders from day to day: what every part of the history says of it.

The local level model (Harvey 1989): a day is level + noise of sd r; the level takes a daily step of sd q and grows by
a rate that a normal prior knows. Its likelihood at each ratio q / r, times a prior, is the posterior. One best ratio
would be too sure: few months tell none from a twentieth, yet over months ahead that is half of the range.
"""

from dataclasses import dataclass

import numpy as np

from analytics.forecast.drift import PRIOR_SD
from analytics.forecast.metrics import F

RATIOS = np.array([0.0, 0.01, 0.02, 0.03, 0.05, 0.07, 0.1, 0.14, 0.2, 0.28, 0.4, 0.7, 1.2])
PRIOR_RATIO = 0.1  # weights fall as 1 / (this + ratio)
LEAST_VARIANCE = 1e-12
PARTS = 100  # equally likely values that stand for the posterior


@dataclass(frozen=True, eq=False)
class Wander:
    """Equally likely answers, by place: how far the level steps, and how well today's level is known."""

    step: F  # q: sd of the level's daily step [log]
    start: F  # sd of today's level [log]


def wander_of(logs: F) -> Wander:
    """The posterior from daily logs without weekly pattern and level shifts."""
    if len(logs) < 2 or float(np.ptp(logs)) == 0:
        return Wander(np.zeros(1), np.zeros(1))
    likelihood, noise, start = _filtered(logs)
    weights = np.exp(likelihood - likelihood.max()) / (PRIOR_RATIO + RATIOS)
    shares = np.cumsum(weights / weights.sum())
    place = np.searchsorted(shares, (np.arange(PARTS) + 0.5) / PARTS).clip(max=len(RATIOS) - 1)
    return Wander((RATIOS * noise)[place], (np.sqrt(start) * noise)[place])


def _filtered(logs: F) -> tuple[F, F, F]:
    """By ratio: log likelihood with r at its best, that r, and the variance of today's level in r^2 (Kalman filter).

    State: level and slope; covariance [[level, both], [both, slope]] before each day, in units of r^2.
    """
    step, day = RATIOS**2, max(float(np.var(np.diff(logs))) / 2, LEAST_VARIANCE)
    mean, rate = np.full(len(RATIOS), logs[0]), np.zeros(len(RATIOS))
    slope = np.full(len(RATIOS), PRIOR_SD**2 / day)
    level, both, left = 1 + step + slope, slope, np.ones(len(RATIOS))
    squares, logged = np.zeros(len(RATIOS)), np.zeros(len(RATIOS))
    for value in logs[1:]:
        size, miss = level + 1, value - mean
        squares, logged = squares + miss**2 / size, logged + np.log(size)
        gain, turn = level / size, both / size
        mean, rate = mean + rate + (gain + turn) * miss, rate + turn * miss
        left, both, slope = level - gain * level, both - gain * both, slope - turn * both
        level, both = left + 2 * both + slope + step, both + slope
    count = len(logs) - 1
    noise = np.maximum(squares / count, LEAST_VARIANCE)
    return -(count * np.log(noise) + logged) / 2, np.sqrt(noise), left

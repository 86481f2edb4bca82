"""Series of which many days are 0: the mean demand a day by Croston, SBA and TSB.

Croston 1972; Syntetos and Boylan 2005 (SBA takes Croston's bias off); Teunter, Syntetos and Babai 2011 (TSB lets
the chance of a demand fade while none comes).
"""

import numpy as np

from analytics.forecast.metrics import F
from analytics.forecast.window import Window

ALPHA = 0.1
INTERMITTENT_ADI = 1.32  # mean days between demands from which a series counts as intermittent


def mean_days_between(values: F) -> float:
    """Average demand interval, days / days with demand; infinite without any.

    >>> mean_days_between(np.array([0.0, 2, 0, 0, 1, 0]))
    3.0
    """
    demands = int(np.count_nonzero(values > 0))
    return len(values) / demands if demands else float("inf")


def croston_rate(values: F, alpha: float = ALPHA) -> float:
    """Smoothed size over smoothed interval, both renewed on days with a demand only [units / day]."""
    places = np.flatnonzero(values > 0)
    if not len(places):
        return 0.0
    size, gap = float(values[places[0]]), len(values) / len(places)
    for place, before in zip(places[1:], places[:-1], strict=True):
        size += alpha * (float(values[place]) - size)
        gap += alpha * (float(place - before) - gap)
    return size / gap


def sba_rate(values: F, alpha: float = ALPHA) -> float:
    """Croston's rate times (1 - alpha / 2) [units / day]."""
    return (1 - alpha / 2) * croston_rate(values, alpha)


def tsb_rate(values: F, alpha: float = ALPHA) -> float:
    """Smoothed chance of a demand, renewed every day, times smoothed size [units / day]."""
    demands = values[values > 0]
    if not len(demands):
        return 0.0
    chance, size = len(demands) / len(values), float(demands[0])
    for value in map(float, values):
        chance += alpha * ((value > 0) - chance)
        if value > 0:
            size += alpha * (value - size)
    return chance * size


def rate_sd(values: F, alpha: float = ALPHA) -> float:
    """Standard deviation of the log of a smoothed rate: sd / mean / sqrt((2 - alpha) / alpha days), at most 1."""
    mean = float(values.mean())
    days = min((2 - alpha) / alpha, len(values))
    return min(1.0, float(values.std()) / mean / float(np.sqrt(days))) if mean > 0 else 0.0


def croston(window: Window, horizon: int) -> F:
    """Croston's rate on every day, as logs."""
    return window.to_logs(np.full(horizon, croston_rate(window.values)))


def sba(window: Window, horizon: int) -> F:
    """The rate of Syntetos and Boylan on every day, as logs."""
    return window.to_logs(np.full(horizon, sba_rate(window.values)))


def tsb(window: Window, horizon: int) -> F:
    """The rate of Teunter, Syntetos and Babai on every day, as logs."""
    return window.to_logs(np.full(horizon, tsb_rate(window.values)))

"""How good a forecast was: point errors, interval errors, coverage. Numbers in, numbers out.

Sources: MASE and scale, Hyndman and Koehler 2006; sMAPE and MSIS as the M4 competition counted them
(Makridakis et al. 2020); RMSSE, M5; Winkler 1972. Days whose actual value is NaN are left out.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

F = NDArray[np.float64]
LEVEL = 0.8  # every interval of this package is meant to hold this share


def naive_scale(history: F, season: int = 1) -> float | None:
    """Mean absolute error of the seasonal naive forecast inside the history [units of the series].

    mean |y_t - y_(t - season)|; None when no pair of days is known or the history never changes.

    >>> round(naive_scale(np.array([10.0, 12, 11, 13, 12, 14])), 10)
    1.6
    """
    steps = np.abs(history[season:] - history[:-season]) if len(history) > season else np.array([])
    known = steps[np.isfinite(steps)]
    scale = float(known.mean()) if len(known) else 0.0
    return scale if scale > 0 else None


def mase(actual: F, forecast: F, scale: float | None) -> float | None:
    """Mean absolute scaled error: below 1 beats the seasonal naive one-season-ahead error of the history."""
    error = _mean(np.abs(actual - forecast))
    return error / scale if scale and error is not None else None


def smape(actual: F, forecast: F) -> float | None:
    """Symmetric percentage error, 200 |y - f| / (|y| + |f|) [%]; a day with both 0 counts as 0."""
    total = np.abs(actual) + np.abs(forecast)
    share = np.divide(np.abs(actual - forecast), total, out=np.zeros_like(total), where=total != 0)
    mean = _mean(share)
    return 200 * mean if mean is not None else None


def rmsse(history: F, actual: F, forecast: F, season: int = 1) -> float | None:
    """Root of the mean squared error over that of the seasonal naive inside the history."""
    squared = (history[season:] - history[:-season]) ** 2
    below, above = _mean(squared), _mean((actual - forecast) ** 2)
    return float(np.sqrt(above / below)) if below and above is not None else None


def pinball(actual: F, quantile: F, share: float) -> float | None:
    """Loss whose expectation is least at the true quantile of that share [units of the series]."""
    gap = actual - quantile
    return _mean(np.maximum(share * gap, (share - 1) * gap))


def winkler(actual: F, low: F, high: F, level: float = LEVEL) -> float | None:
    """Width of the interval, plus 2 / (1 - level) times each miss [units of the series]."""
    misses = np.maximum(low - actual, 0) + np.maximum(actual - high, 0)
    return _mean(high - low + 2 / (1 - level) * misses)


def msis(actual: F, low: F, high: F, scale: float | None, level: float = LEVEL) -> float | None:
    """Winkler score over the naive scale."""
    score = winkler(actual, low, high, level)
    return score / scale if scale and score is not None else None


def coverage(actual: F, low: F, high: F) -> float | None:
    """Share of known days inside the interval, its ends included."""
    known = np.isfinite(actual)
    return float(np.mean((actual >= low)[known] & (actual <= high)[known])) if known.any() else None


class TotalError(NamedTuple):
    """How far the total of a horizon was off."""

    forecast: float  # of the known days [units of the series]
    actual: float
    bias: float | None  # (forecast - actual) / actual; None when nothing came


def bias_on_total(actual: F, forecast: F) -> TotalError:
    """Total forecast against total that came, over the days that are known."""
    known = np.isfinite(actual)
    said, came = float(forecast[known].sum()), float(actual[known].sum())
    return TotalError(said, came, (said - came) / came if came else None)


def _mean(values: F) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None

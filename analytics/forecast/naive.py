"""The forecasts to beat: naive, seasonal naive, the mean of 28 days. Each returns logs of the coming days."""

import numpy as np

from analytics.forecast.metrics import F
from analytics.forecast.window import Window

MEAN_DAYS = 28


def naive(window: Window, horizon: int) -> F:
    """The last day again and again."""
    return np.full(horizon, window.logs[-1])


def seasonal_naive(window: Window, horizon: int) -> F:
    """The last week again and again."""
    last = window.logs[-window.season :]
    return np.asarray(last[np.arange(horizon) % len(last)])


def mean_28(window: Window, horizon: int) -> F:
    """The mean of the newest 28 days, every day alike."""
    return np.full(horizon, float(window.to_logs(window.values[-MEAN_DAYS:].mean(keepdims=True))[0]))


def weekday_mean(window: Window, horizon: int) -> F:
    """The mean level of the newest 28 days with the weekly pattern: no parameter to fit, hard to break."""
    return window.seasonal(np.full(horizon, window.adjusted[-MEAN_DAYS:].mean()))

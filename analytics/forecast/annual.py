"""A yearly pattern by Fourier terms, for histories of at least two years."""

import numpy as np

from analytics.forecast.ets import level_ahead
from analytics.forecast.metrics import F
from analytics.forecast.weekly import centred_mean
from analytics.forecast.window import Window

YEAR_DAYS = 365.25
TERMS = 3


def annual(window: Window, horizon: int, period: float = YEAR_DAYS) -> F:
    """Three pairs of sine and cosine fitted to logs less their yearly mean, and smoothing of the rest."""
    logs = window.adjusted
    waves = _waves(np.arange(len(logs) + horizon), period)
    left = logs - centred_mean(logs, round(period))
    weights, *_ = np.linalg.lstsq(waves[: len(logs)], left, rcond=None)
    pattern = waves @ weights
    return window.seasonal(level_ahead(logs - pattern[: len(logs)], horizon) + pattern[len(logs) :])


def _waves(place: np.ndarray, period: float) -> F:
    angles = 2 * np.pi * np.outer(place, np.arange(1, TERMS + 1)) / period
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)

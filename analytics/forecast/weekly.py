"""The repeating part of a series: what each day of the week adds to the level, on the log scale."""

from collections.abc import Callable
from typing import Any

import numpy as np

from analytics.forecast.metrics import F

WEEKS_KEPT = 12  # a pattern older than this says little about the coming one
ODD_SDS = 3.0


def season_effects(log_values: F, season: int) -> F:
    """What each phase of the season adds to the log level; mean 0, phase 0 at the first value.

    Classical decomposition: by phase, the mean of the values less their centred mean over one season, from the
    newest twelve seasons, odd days drawn in. The pattern is shrunk by its own noise (James and Stein 1961), so
    that a short or patternless history gets next to none.
    """
    if season <= 1 or len(log_values) < 2 * season:
        return np.zeros(max(season, 1))
    start = max(0, len(log_values) - WEEKS_KEPT * season)
    start -= start % season
    left = log_values[start:] - centred_mean(log_values[start:], season)
    rough = repeat_effects(_by_phase(left, season, np.median), len(left))
    reach = ODD_SDS * spread_of(left - rough)
    drawn_in = rough + np.clip(left - rough, -reach, reach)
    effects = _by_phase(drawn_in, season, np.mean)
    noise = float(np.var(drawn_in - repeat_effects(effects, len(left)))) / (len(left) / season)
    power = float(np.sum(effects**2)) / (season - 1)
    return np.asarray(effects * max(0.0, 1 - noise / power) if power > 0 else effects)


def _by_phase(values: F, season: int, middle: Callable[[F], Any]) -> F:
    effects = np.array([float(middle(values[phase::season])) for phase in range(season)])
    return np.asarray(effects - effects.mean())


def centred_mean(values: F, width: int) -> F:
    """Mean over ``width`` days around each; at the ends the nearest whole window."""
    half, sums = width // 2, np.concatenate([[0.0], np.cumsum(values)])
    means = (sums[width:] - sums[:-width]) / width
    places = np.clip(np.arange(len(values)) - half, 0, len(means) - 1)
    return np.asarray(means[places])


def repeat_effects(effects: F, count: int, start: int = 0) -> F:
    """The effects of ``count`` days of which the first has phase ``start``."""
    return np.asarray(effects[(start + np.arange(count)) % len(effects)])


def running_median(values: F, width: int) -> F:
    """Median over ``width`` days around each; shorter windows at the ends."""
    half = width // 2
    padded = np.pad(values, half, constant_values=np.nan)
    return np.asarray(np.nanmedian(np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1), axis=1))


def robust_sd(values: F) -> float:
    """1.4826 times the median absolute deviation: the sd of what is normal, blind to what is odd."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values)))) if len(values) > 1 else 0.0


def spread_of(values: F) -> float:
    """The robust sd, or the plain one when more than half of the values are alike."""
    return robust_sd(values) or (float(np.std(values)) if len(values) > 1 else 0.0)

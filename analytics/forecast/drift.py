"""Growth at a steady rate, shrunk by how uncertain it is. A slope is an estimated trend: not below 90 days.

Both methods multiply the slope b that they find, with variance v, by t^2 / (t^2 + v): the posterior mean under a
normal prior of mean 0 and standard deviation t (empirical Bayes, Efron and Morris 1975). A slope that the history
hardly tells from none is hardly carried on.
"""

import warnings

import numpy as np

from analytics.forecast.ets import level_ahead
from analytics.forecast.metrics import F
from analytics.forecast.window import Window

PRIOR_SD = 0.06 / 30  # log a day: most tasks grow or shrink by less than 12 % a month
STEADY_SHARE = 0.02  # growth a day, in spreads of a day, beyond which a steady series is not taken to go
LONGEST_MEMORY = 28  # days over which errors around a line hang together


def level_with_drift(window: Window, horizon: int) -> F:
    """Unobserved components: a level that walks at random around a fixed slope, the slope shrunk."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = UnobservedComponents(window.adjusted, "lldtrend").fit(disp=False, maxiter=50)
    level, slope = (float(value) for value in fit.filtered_state[:, -1])
    kept = shrunk_slope(slope, float(fit.filtered_state_cov[1, 1, -1]))
    return window.seasonal(np.asarray(level + kept * np.arange(1, horizon + 1), dtype=float))


def line_and_level(window: Window, horizon: int) -> F:
    """A line by least squares, its slope shrunk, and simple smoothing of what the line leaves."""
    slope = shrunk_slope(*slope_of(window.adjusted))
    back = slope * (np.arange(len(window.adjusted)) - len(window.adjusted))
    return window.seasonal(level_ahead(window.adjusted - back, horizon) + slope * np.arange(horizon))


def shrunk_slope(slope: float, variance: float) -> float:
    """The slope after the pull to no growth [log / day]."""
    return slope * PRIOR_SD**2 / (PRIOR_SD**2 + max(variance, 0.0))


def slope_left_unknown(logs: F, day_sd: float, trend_share: float) -> float:
    """Standard deviation of the growth that a forecast does not know [log / day].

    The prior's own t for the share of the forecast without a trend, the posterior's t sqrt(v / (t^2 + v)) for the
    rest; never much beyond what the days themselves vary by, so that a price that stands still is given no growth.
    """
    prior = min(PRIOR_SD, STEADY_SHARE * day_sd)
    if prior <= 0:
        return 0.0
    _, variance = slope_of(logs)
    left = float(np.sqrt(variance / (prior**2 + variance)))
    return prior * (1 - trend_share * (1 - left))


def slope_of(logs: F) -> tuple[float, float]:
    """Slope by least squares and its variance with errors that hang together (Newey and West 1987)."""
    place = np.arange(len(logs)) - (len(logs) - 1) / 2
    spread = float((place**2).sum())
    slope = float((place * logs).sum() / spread)
    left = logs - logs.mean() - slope * place
    return slope, _long_run_variance(left) / spread


def _long_run_variance(errors: F) -> float:
    lags = min(LONGEST_MEMORY, len(errors) // 3)
    plain = float(np.mean(errors**2))
    shared = sum((1 - lag / (lags + 1)) * float(np.mean(errors[lag:] * errors[:-lag])) for lag in range(1, lags + 1))
    return max(plain + 2 * shared, plain)

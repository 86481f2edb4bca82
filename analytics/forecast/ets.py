"""Exponential smoothing on logs, by statsmodels' ``ETSModel`` (Hyndman et al. 2008)."""

import warnings
from typing import Any

import numpy as np

from analytics.forecast.metrics import F
from analytics.forecast.weekly import repeat_effects
from analytics.forecast.window import Window


def ets_seasonal(window: Window, horizon: int) -> F:
    """ETS(A,N,A) on logs: a wandering level and a weekly pattern that may change."""
    if window.season <= 1 or len(window.logs) < 3 * window.season:
        return window.seasonal(_ahead(window.adjusted, horizon))
    cleaned = window.adjusted + repeat_effects(window.effects, len(window.adjusted))
    return _ahead(cleaned, horizon, seasonal="add", seasonal_periods=window.season)


def ets_damped(window: Window, horizon: int) -> F:
    """ETS(A,Ad,N) on logs less the weekly pattern: growth that fades. Not below 90 days (see ``choose``)."""
    return window.seasonal(_ahead(window.adjusted, horizon, trend="add", damped_trend=True))


def level_ahead(logs: F, horizon: int) -> F:
    """Simple exponential smoothing, ETS(A,N,N): the same level on every coming day."""
    return _ahead(logs, horizon)


def _ahead(logs: F, horizon: int, **form: Any) -> F:
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fit that did not converge is judged by its backtest
        fit = ETSModel(logs, error="add", initialization_method="heuristic", **form).fit(disp=False, maxiter=100)
        return np.asarray(fit.forecast(horizon), dtype=float)

"""The Theta method (Assimakopoulos and Nikolopoulos 2000) on logs less the weekly pattern, by statsmodels."""

import warnings

import numpy as np

from analytics.forecast.metrics import F
from analytics.forecast.window import Window


def theta(window: Window, horizon: int) -> F:
    """Smoothing plus half the slope of the history. A slope is an estimated trend: not below 90 days."""
    from statsmodels.tsa.forecasting.theta import ThetaModel

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = ThetaModel(window.adjusted, period=1, deseasonalize=False).fit()
        return window.seasonal(np.asarray(fit.forecast(horizon), dtype=float))

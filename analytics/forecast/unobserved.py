"""Unobserved components on logs (Harvey 1989), by statsmodels."""

import warnings

import numpy as np

from analytics.forecast.metrics import F
from analytics.forecast.window import Window


def local_level(window: Window, horizon: int) -> F:
    """A level that walks at random, seen through noise, after the weekly pattern is taken out."""
    from statsmodels.tsa.statespace.structural import UnobservedComponents

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fit = UnobservedComponents(window.adjusted, "llevel").fit(disp=False, maxiter=50)
        return window.seasonal(np.asarray(fit.forecast(horizon), dtype=float))

"""The mean of several forecasts: what no single method beats for long (M4: five of the six best were combinations)."""

from collections.abc import Sequence

import numpy as np

from analytics.forecast.metrics import F


def mean_of_logs(forecasts: Sequence[F]) -> F:
    """Geometric mean of the forecasts: the arithmetic mean of their logs."""
    return np.asarray(np.mean(np.stack(list(forecasts)), axis=0))

"""No forecast leaves the room that is not finite or that explodes. Fits blew up on M4 (economics.md): always guard."""

import numpy as np

from analytics.forecast.methods import Method
from analytics.forecast.metrics import F
from analytics.forecast.window import Window

MOST_TIMES_MAX = 50.0


def guarded(method: Method, window: Window, horizon: int) -> F | None:
    """Logs of the coming days, or None where the method failed or ran away."""
    try:
        logs = np.asarray(method.ahead(window, horizon), dtype=float)
    except (ValueError, ArithmeticError, np.linalg.LinAlgError, IndexError):
        return None
    return logs if logs.shape == (horizon,) and is_sane(window.to_values(logs), window.values) else None


def is_sane(forecast: F, history: F) -> bool:
    """Finite, and never above fifty times the largest value seen."""
    return bool(np.isfinite(forecast).all() and (forecast <= MOST_TIMES_MAX * max(float(history.max()), 0.0)).all())


def bounded(paths: F, history: F) -> F:
    """Paths cut at fifty times the largest value seen: a tail of chance, not a forecast."""
    return np.asarray(np.clip(paths, 0.0, MOST_TIMES_MAX * float(history.max())))

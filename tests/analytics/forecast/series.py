"""Series that the tests of the forecast share."""

from datetime import date, timedelta

import numpy as np

from analytics.forecast import DailySeries

FIRST = date(2025, 1, 6)  # a Monday


def daily(values, first=FIRST):
    return DailySeries(
        tuple(first + timedelta(days=place) for place in range(len(values))),
        tuple(None if value is None else float(value) for value in values),
    )


def weekly(days, level=100.0, growth=0.0, noise=0.08, seed=0):
    """Counts with a weekly pattern, growth a month of 30 days and lognormal noise."""
    rng = np.random.default_rng(seed)
    week = np.array([1.1, 1.15, 1.1, 1.05, 1.0, 0.5, 0.4])
    place = np.arange(days)
    return level * (1 + growth) ** (place / 30) * week[place % 7] * np.exp(rng.normal(0, noise, days))

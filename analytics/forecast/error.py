"""How far an earlier forecast was off: made on what was known then, against what came. For people to see."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from analytics.errors import InputError
from analytics.forecast.core import HIGH, LOW
from analytics.forecast.daily import SEED, forecast_daily
from analytics.forecast.metrics import (
    F,
    bias_on_total,
    coverage,
    mase,
    msis,
    naive_scale,
    rmsse,
    smape,
    winkler,
)
from analytics.forecast.series import DailySeries

WEEK = 7


@dataclass(frozen=True, eq=False)
class ForecastError:
    """A forecast of the past beside what came. Units are those of the series; None where nothing can be said."""

    origin: date  # last day that the forecast knew
    day: tuple[date, ...]
    forecast: F  # median by day
    low: F
    high: F  # low to high was to hold 80 % of the days
    actual: F  # NaN where unknown
    method: str
    mase: float | None  # over the seasonal naive's error before the origin
    naive_mase: float | None  # of the seasonal naive forecast made on the same day
    smape: float | None  # %
    rmsse: float | None
    winkler: float | None  # of the 80 % range
    msis: float | None
    coverage: float | None  # share of days inside the range; aim 0.8
    total_forecast: float  # median total of the days that are known
    total_low: float
    total_high: float
    total_actual: float
    total_bias: float | None  # (forecast - actual) / actual
    is_total_inside: bool


def forecast_error(series: DailySeries, origin_days_ago: int, horizon: int, *, seed: int = SEED) -> ForecastError:
    """Forecast ``horizon`` days as of ``origin_days_ago`` days before the end of the series, and compare.

    The horizon is cut at the end of the series. Raises InputError when the origin leaves no day before or after it.
    """
    days = len(series.array())
    if not 1 <= origin_days_ago < days:
        raise InputError(f"origin_days_ago is {origin_days_ago}; the series has {days} days, so use 1 to {days - 1}")
    if horizon < 1:
        raise InputError(f"horizon is {horizon}; use at least 1")
    origin = series.day[-1] - timedelta(days=origin_days_ago)
    known = series.until(origin)
    said = forecast_daily(known, min(horizon, origin_days_ago), seed=seed)
    cut = days - origin_days_ago
    raw = series.array()
    past, actual = raw[:cut], raw[cut : cut + len(said.day)]
    scale = naive_scale(past, WEEK) or naive_scale(past)
    due = np.isfinite(actual)
    totals = said.paths[:, due].sum(axis=1)
    low, middle, high = (float(value) for value in np.quantile(totals, [LOW, 0.5, HIGH]))
    total = bias_on_total(actual, said.median_by_day)
    repeated = np.resize(past[-WEEK:], len(actual))
    return ForecastError(
        origin=origin,
        day=said.day,
        forecast=said.median_by_day,
        low=said.low_by_day,
        high=said.high_by_day,
        actual=actual,
        method=said.method,
        mase=mase(actual, said.median_by_day, scale),
        naive_mase=mase(actual, repeated, scale),
        smape=smape(actual, said.median_by_day),
        rmsse=rmsse(past, actual, said.median_by_day, WEEK),
        winkler=winkler(actual, said.low_by_day, said.high_by_day),
        msis=msis(actual, said.low_by_day, said.high_by_day, scale),
        coverage=coverage(actual, said.low_by_day, said.high_by_day),
        total_forecast=middle,
        total_low=low,
        total_high=high,
        total_actual=total.actual,
        total_bias=(middle - total.actual) / total.actual if total.actual else None,
        is_total_inside=low <= total.actual <= high,
    )

"""The whole forecast tried on the past: rolling origins, horizons of 7, 30 and 90 days, beside the naive ones.

Unlike the rolling origins by which candidates are chosen, nothing of what came later is used: shifts, part days and
the choice itself are found again at every origin.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from analytics.forecast.core import HIGH, LOW
from analytics.forecast.daily import SEED, Forecast, forecast_daily
from analytics.forecast.metrics import (
    F,
    coverage,
    mase,
    msis,
    naive_scale,
    pinball,
    rmsse,
    smape,
    winkler,
)
from analytics.forecast.series import DailySeries

HORIZONS = (7, 30, 90)
ORIGINS = 5
LEAST_TRAINING = 28
WEEK = 7
MEASURES = (
    "mase", "smape", "rmsse", "pinball", "winkler", "msis", "coverage", "coverage_of_totals", "bias_of_totals",
)  # fmt: skip


@dataclass(frozen=True)
class BacktestRow:
    """Means over the origins of one horizon. None where no origin could say."""

    method: str  # "forecast", "naive", "seasonal naive" or "mean of 28 days"
    horizon_days: int
    origins: int
    mase: float | None
    smape: float | None  # %
    rmsse: float | None
    pinball: float | None  # mean of the losses at 10, 50 and 90 % [units]; "forecast" only, like those below
    winkler: float | None  # of the 80 % range [units]
    msis: float | None
    coverage: float | None  # of days; aim 0.8
    coverage_of_totals: float | None  # aim 0.8
    bias_of_totals: float | None  # (forecast - actual) / actual


def backtest(
    series: DailySeries, horizons: Sequence[int] = HORIZONS, *, origins: int = ORIGINS, seed: int = SEED
) -> tuple[BacktestRow, ...]:
    """Try the forecast and the naive ones on the past. Horizons that leave less than 28 days before are left out."""
    rows: list[BacktestRow] = []
    for horizon in horizons:
        cuts = cuts_for(len(series.array()), horizon, origins)
        tried = [one for cut in cuts if (one := _one(series, cut, horizon, seed))]
        if tried:
            rows += [_mean(name, horizon, [one[name] for one in tried]) for name in tried[0]]
    return tuple(rows)


def cuts_for(days: int, horizon: int, origins: int = ORIGINS) -> tuple[int, ...]:
    """Days known at each origin: evenly from 28 days, or half the history, to one horizon before the end."""
    newest = days - horizon
    oldest = max(LEAST_TRAINING, newest - max(horizon, newest // 2))
    if newest < LEAST_TRAINING:
        return ()
    return tuple(sorted({int(cut) for cut in np.linspace(oldest, newest, origins).round()}))


def _one(series: DailySeries, cut: int, horizon: int, seed: int) -> dict[str, dict[str, float | None]]:
    raw = series.array()
    past, actual = raw[:cut], raw[cut : cut + horizon]
    known = series.until(series.day[0] + timedelta(days=cut - 1))
    if not np.isfinite(past).any() or not np.isfinite(actual).any():
        return {}
    said = forecast_daily(known, horizon, seed=seed)
    scale = naive_scale(past, WEEK) or naive_scale(past)
    rivals = {
        "naive": np.full(horizon, past[np.isfinite(past)][-1]),
        "seasonal naive": np.resize(past[-WEEK:], horizon),
        "mean of 28 days": np.full(horizon, np.nanmean(past[-28:])),
    }
    points = {"forecast": said.median_by_day, **rivals}
    found = {name: _point(past, actual, point, scale) for name, point in points.items()}
    found["forecast"] |= _range(actual, said, scale)
    return found


def _point(past: F, actual: F, point: F, scale: float | None) -> dict[str, float | None]:
    return {
        "mase": mase(actual, point, scale),
        "smape": smape(actual, point),
        "rmsse": rmsse(past, actual, point, WEEK),
    }


def _range(actual: F, said: Forecast, scale: float | None) -> dict[str, float | None]:
    due = np.isfinite(actual)
    low, middle, high = np.quantile(said.paths[:, due].sum(axis=1), [LOW, 0.5, HIGH])
    came = float(actual[due].sum())
    shares = ((LOW, said.low_by_day), (0.5, said.median_by_day), (HIGH, said.high_by_day))
    losses = [pinball(actual, quantile, share) for share, quantile in shares]
    return {
        "pinball": float(np.mean([loss for loss in losses if loss is not None])),
        "winkler": winkler(actual, said.low_by_day, said.high_by_day),
        "msis": msis(actual, said.low_by_day, said.high_by_day, scale),
        "coverage": coverage(actual, said.low_by_day, said.high_by_day),
        "coverage_of_totals": float(low <= came <= high),
        "bias_of_totals": float((middle - came) / came) if came else None,
    }


def _mean(name: str, horizon: int, tried: list[dict[str, float | None]]) -> BacktestRow:
    means: list[float | None] = []
    for measure in MEASURES:
        known = [value for one in tried if (value := one.get(measure)) is not None]
        means.append(float(np.mean(known)) if known else None)
    return BacktestRow(name, horizon, len(tried), *means)

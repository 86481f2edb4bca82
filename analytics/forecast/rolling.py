"""Rolling origins: every candidate forecasts from several past days, and what came says how far each was off."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analytics.forecast.guards import guarded
from analytics.forecast.methods import Method
from analytics.forecast.metrics import F
from analytics.forecast.window import Window

ORIGINS = 5
WIDE_ORIGINS = 8
LEAST_TRAINING = 21
LEAST_LEAD = 7


@dataclass(frozen=True)
class Trials:
    """Forecasts of one method from every origin; NaN beyond the end of the history."""

    method: Method
    logs: F  # origin x lead


@dataclass(frozen=True)
class Rolled:
    """The origins and what came after each."""

    origins: tuple[int, ...]  # days of history before each forecast
    actual_logs: F  # origin x lead, NaN where unknown or filled
    trials: tuple[Trials, ...]


def origins_for(days: int, horizon: int, season: int) -> tuple[int, ...]:
    """Five days from which to forecast, the newest a week before the end and the oldest a horizon before it.

    A horizon longer than the history allows is tried as far as it goes. Empty below four weeks. Where steps have no
    season the level is all there is, and origins side by side would see the same few moves of it: eight, a horizon
    apart.
    """
    least = max(LEAST_TRAINING, round(0.4 * days))
    if season <= 1:
        return _even(max(least, days - WIDE_ORIGINS * horizon), days - min(horizon, LEAST_LEAD), WIDE_ORIGINS)
    return _even(max(least, days - horizon - 3 * season), days - LEAST_LEAD, ORIGINS)


def _even(oldest: int, newest: int, count: int) -> tuple[int, ...]:
    if newest <= oldest:
        return ()
    return tuple(sorted({int(place) for place in np.linspace(oldest, newest, count).round()}))


def roll(window: Window, known: np.ndarray, methods: Sequence[Method], horizon: int) -> Rolled:
    """Forecast from each origin with each method, on what was known there."""
    days = len(window.values)
    origins = origins_for(days, horizon, window.season)
    leads = min(horizon, days - origins[0]) if origins else 0
    truth = np.where(known, window.logs, np.nan)
    actual = _table([truth[origin : origin + leads] for origin in origins], leads)
    views = [window.until(origin) for origin in origins]
    return Rolled(origins, actual, tuple(_trials(method, views, days, leads) for method in methods))


def _trials(method: Method, views: Sequence[Window], days: int, leads: int) -> Trials:
    rows = [guarded(method, view, min(leads, days - len(view.values))) for view in views]
    return Trials(method, _table([row if row is not None else np.array([]) for row in rows], leads))


def _table(rows: Sequence[F], width: int) -> F:
    table = np.full((len(rows), width), np.nan)
    for place, row in enumerate(rows):
        table[place, : len(row)] = row
    return table


def mean_error(logs: F, rolled: Rolled, window: Window, *, of_totals: bool = False) -> float | None:
    """Mean absolute error over all origins and leads [units of the series]; None where a forecast failed.

    of_totals: of each origin's mean day instead. On a series of mostly zeros the error of single days is least for
    a forecast of nothing.
    """
    due = np.isfinite(rolled.actual_logs)
    if not due.any() or not np.isfinite(logs[due]).all():
        return None
    gaps = np.where(due, window.to_values(logs) - window.to_values(rolled.actual_logs), 0.0)
    if not of_totals:
        return float(np.abs(gaps).sum() / due.sum())
    days = due.sum(axis=1)
    return float(np.mean(np.abs(gaps.sum(axis=1))[days > 0] / days[days > 0]))

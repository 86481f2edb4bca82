"""The forecast of one daily series, with dates, units and words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from analytics.errors import DataMissing, InputError
from analytics.forecast.choose import Score
from analytics.forecast.core import HIGH, LOW, Outcome, Steps, forecast_values
from analytics.forecast.metrics import F
from analytics.forecast.series import DailySeries, days_after, marked

SEED = 20261124
MOST_DAYS = 1100  # three years ahead; beyond it nothing here means anything
COVERS = "80 % of the values of single days; ranges of totals come from the paths, never from sums of these"


@dataclass(frozen=True, eq=False)
class Forecast:
    """What is expected of the coming days, in the units of the series per day."""

    day: tuple[date, ...]  # the first is the day after the last of the series
    median_by_day: F
    low_by_day: F  # 10 % of the paths lie below
    high_by_day: F  # 10 % of the paths lie above
    paths: F  # path x day; take quantiles of their sums for totals
    covers: str  # what the range holds 80 % of
    method: str
    why: str  # why this method
    mase: float | None  # error over the rolling origins / seasonal naive's within the history; None: not tried
    coverage: float | None  # share of the rolling origins' days that a range of this width holds; aim 0.8
    scores: tuple[Score, ...]  # every candidate over the rolling origins, best first
    is_short: bool  # insufficient history: less than 28 days
    is_intermittent: bool  # most days are 0 or nearly so
    breaks: tuple[date, ...]  # first days on a new level
    part_days: tuple[date, ...]  # first or last day of the log, left out because it seems incomplete


def forecast_daily(
    series: DailySeries,
    horizon_days: int,
    *,
    seed: int = SEED,
    holidays: Sequence[date] = (),
    quantity: str = "requests",
    steps: Steps | None = None,
) -> Forecast:
    """Forecast the days after the last of ``series``. The same input and seed give the same paths.

    holidays: past ones are kept out of level and pattern, coming ones get the share of a usual day that past ones
    had. quantity: names the series; series of one task draw the same past days but wander apart.
    steps: for tests and for series that are not of days.
    Raises InputError for a horizon that makes no sense, DataMissing when no day of the series has a value.
    """
    if not 1 <= horizon_days <= MOST_DAYS:
        raise InputError(f"horizon_days is {horizon_days}; use 1 to {MOST_DAYS}")
    raw = series.array()
    past = marked(series.day[0], len(raw), holidays) if series.day else np.zeros(0, dtype=bool)
    ahead = days_after(series.day[-1], horizon_days) if series.day else ()
    coming = marked(ahead[0], horizon_days, holidays) if ahead else np.zeros(0, dtype=bool)
    outcome = forecast_values(raw, horizon_days, seed, quantity, past, coming, steps or Steps())
    if outcome is None:
        raise DataMissing(f"no day of the series of {quantity} has a value, so there is nothing to forecast from")
    return _dated(outcome, series.day[0], ahead)


def _dated(outcome: Outcome, first: date, ahead: tuple[date, ...]) -> Forecast:
    low, median, high = np.quantile(outcome.paths, [LOW, 0.5, HIGH], axis=0)
    history, choice = outcome.history, outcome.choice
    return Forecast(
        day=ahead,
        median_by_day=median,
        low_by_day=low,
        high_by_day=high,
        paths=outcome.paths,
        covers=COVERS,
        method=choice.method,
        why=choice.why,
        mase=choice.mase,
        coverage=outcome.coverage,
        scores=choice.scores,
        is_short=outcome.is_short,
        is_intermittent=history.is_intermittent,
        breaks=tuple(first + timedelta(days=one.at) for one in history.breaks),
        part_days=tuple(first + timedelta(days=place) for place in sorted(history.part_days)),
    )

"""Requests, tokens per request and $ per token, forecast apart and multiplied path by path."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from analytics.contracts import Interval
from analytics.errors import InputError
from analytics.forecast.core import HIGH, LOW
from analytics.forecast.daily import SEED, Forecast, forecast_daily
from analytics.forecast.metrics import F
from analytics.forecast.series import DailySeries

MONTH_DAYS = 30
BASE_DAYS = 28  # of history that growth is counted from


@dataclass(frozen=True)
class Quantiles:
    """A total of the simulated paths: 80 % of them lie between p10 and p90."""

    p10: float
    p50: float
    p90: float


@dataclass(frozen=True)
class MonthTotal:
    """Totals of one coming period; quantiles of sums, so p50s of parts need not multiply."""

    first_day: date
    last_day: date
    requests: Quantiles  # requests of the period
    tokens: Quantiles  # tokens of the period
    usd: Quantiles  # USD of the period


@dataclass(frozen=True, eq=False)
class SpendForecast:
    """What a task will ask for and cost."""

    months: tuple[MonthTotal, ...]  # 30 days each, one after the other
    total: MonthTotal  # the whole horizon
    monthly_growth: Interval | None  # share of requests a month of 30 days; None when the base is empty
    requests: Forecast  # requests / day
    tokens_per_request: Forecast  # tokens / request
    usd_per_token: Forecast  # USD / token
    usd_paths: F  # path x day [USD / day]
    is_short: bool  # insufficient history in one of the three


def forecast_spend(
    requests: DailySeries,
    tokens_per_request: DailySeries,
    usd_per_token: DailySeries,
    horizon_days: int,
    *,
    months: int | None = None,
    seed: int = SEED,
    holidays: Sequence[date] = (),
) -> SpendForecast:
    """Forecast the three apart, multiply their paths, take quantiles of totals.

    months: how many whole months of 30 days to report; None for as many as the horizon holds.
    Holidays move requests only. Raises InputError when the months do not fit or the series end on different days.
    """
    count = horizon_days // MONTH_DAYS if months is None else months
    if not 0 <= count * MONTH_DAYS <= horizon_days:
        raise InputError(f"months is {months}; {horizon_days} days hold 0 to {horizon_days // MONTH_DAYS} of 30 days")
    _same_end(requests, tokens_per_request, usd_per_token)
    asked = forecast_daily(requests, horizon_days, seed=seed, holidays=holidays)
    size = forecast_daily(tokens_per_request, horizon_days, seed=seed, quantity="tokens per request")
    price = forecast_daily(usd_per_token, horizon_days, seed=seed, quantity="USD per token")
    tokens = asked.paths * size.paths
    usd = tokens * price.paths
    parts = [slice(month * MONTH_DAYS, (month + 1) * MONTH_DAYS) for month in range(count)]
    return SpendForecast(
        months=tuple(_total(asked, tokens, usd, part) for part in parts),
        total=_total(asked, tokens, usd, slice(0, horizon_days)),
        monthly_growth=growth_of(requests, asked),
        requests=asked,
        tokens_per_request=size,
        usd_per_token=price,
        usd_paths=usd,
        is_short=asked.is_short or size.is_short or price.is_short,
    )


def growth_of(requests: DailySeries, forecast: Forecast) -> Interval | None:
    """Growth of requests that the paths imply [share / month of 30 days].

    (mean day of the last 28 forecast days / mean day of the newest 28 known ones)^(30 / days between their middles)
    less 1, by path; p10, p50 and p90. Both spans hold whole weeks. None when the base is 0.
    """
    span = min(BASE_DAYS, len(forecast.day) - len(forecast.day) % 7 or len(forecast.day))
    recent = np.array([value for value in requests.value if value is not None][-BASE_DAYS:])
    base = float(recent.mean())
    if base <= 0:
        return None
    between = len(forecast.day) - span / 2 + len(recent) / 2
    ratios = forecast.paths[:, -span:].mean(axis=1) / base
    rates = ratios ** (MONTH_DAYS / between) - 1
    low, middle, high = (float(value) for value in np.quantile(rates, [LOW, 0.5, HIGH]))
    return Interval(middle, low, high, "80% of simulated paths", len(recent))


def _total(asked: Forecast, tokens: F, usd: F, part: slice) -> MonthTotal:
    days = asked.day[part]
    return MonthTotal(days[0], days[-1], *(_quantiles(paths[:, part]) for paths in (asked.paths, tokens, usd)))


def _quantiles(paths: F) -> Quantiles:
    return Quantiles(*(float(value) for value in np.quantile(paths.sum(axis=1), [LOW, 0.5, HIGH])))


def _same_end(*series: DailySeries) -> None:
    ends = {one.day[-1] for one in series if one.day}
    if len(ends) > 1:
        shown = ", ".join(str(day) for day in sorted(ends))
        raise InputError(f"requests, tokens_per_request and usd_per_token must end on one day; they end on {shown}")

"""The candidates, by name, with what each needs. Adding one here is all that it takes to have it tried."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from analytics.forecast import annual, drift, ets, intermittent, naive, theta, unobserved
from analytics.forecast.metrics import F
from analytics.forecast.window import Window

LEAST_DAYS = 28  # below: "insufficient history"
TREND_DAYS = 90  # below: no estimated trend (economics.md: it tripled the error at 42 days)
ANNUAL_YEARS = 2
LAST = "naive"
FLAT = "mean of 28 days"  # of the naive ones, the only rate: days of a sparse series do not repeat


@dataclass(frozen=True)
class Method:
    """One way to forecast."""

    name: str
    ahead: Callable[[Window, int], F]  # window, horizon [days] -> logs of the coming days
    least_days: int = 0  # of history, closed weekdays included
    is_naive: bool = False  # one of those to beat
    is_member: bool = True  # part of the combination
    may_win: bool = True  # may replace the combination


NAIVE = (
    Method(LAST, naive.naive, is_naive=True, is_member=False),
    Method("seasonal naive", naive.seasonal_naive, is_naive=True, is_member=False),
    Method(FLAT, naive.mean_28, is_naive=True, is_member=False),
)
LEVEL = (
    Method("weekday mean", naive.weekday_mean),
    Method("ETS(A,N,A) on logs", ets.ets_seasonal, LEAST_DAYS),
    Method("local level on logs", unobserved.local_level, LEAST_DAYS),
)
TREND = (
    Method("Theta on logs", theta.theta, TREND_DAYS),
    Method("ETS(A,Ad,N) on logs", ets.ets_damped, TREND_DAYS, is_member=False),
    Method("local level with shrunk drift", drift.level_with_drift, TREND_DAYS),
    Method("shrunk line with smoothing", drift.line_and_level, TREND_DAYS),
)
INTERMITTENT = (
    Method("Croston", intermittent.croston),
    Method("SBA", intermittent.sba),
    Method("TSB", intermittent.tsb),
)


def methods_for(
    history_days: int, *, is_intermittent: bool, season: int = 7, year: float = annual.YEAR_DAYS
) -> tuple[Method, ...]:
    """What may be tried on a history of this length.

    season, year: in steps of the series (1 and 52.18 for a weekly one).
    """
    if is_intermittent:
        return (*(replace(method, may_win=method.name == FLAT) for method in NAIVE), *INTERMITTENT)
    # Where days have a pattern, the last day is no forecast, however lucky it was from five origins.
    rivals = tuple(replace(method, may_win=season <= 1 or method.name != LAST) for method in NAIVE)
    yearly = Method(
        "yearly pattern on logs", partial(annual.annual, period=year), round(ANNUAL_YEARS * year), is_member=False
    )
    return tuple(method for method in (*rivals, *LEVEL, *TREND, yearly) if history_days >= method.least_days)

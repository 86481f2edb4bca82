"""The arithmetic of a replay: pure, from one row per call to money, shares and intervals.

Net saving of a period = what the served calls cost at the teacher - audits - serving.
Per month of 30.4 days: times 30.4 over the days of the period. Its interval resamples whole UTC days
(percentile bootstrap, Efron 1979), because the calls of one day are not independent.
"""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from analytics.assumptions import Assumptions
from analytics.contracts import Interval
from analytics.serving import cpu_capacity_rps
from analytics.statistics import wilson

DAYS_PER_MONTH = 30.4
DAY_S = 86_400.0
RESAMPLES = 2_000


@dataclass(frozen=True)
class CallColumns:
    """One entry per replayed call, oldest first."""

    at_s: NDArray[np.float64]  # seconds since 1970
    weight: NDArray[np.float64]  # calls that the row stands for
    cost_usd: NDArray[np.float64]  # NaN: no price is known
    is_served: NDArray[np.bool_]  # by the student
    is_comparable: NDArray[np.bool_]  # the teacher's answer is in the log
    agrees: NDArray[np.bool_]  # with the teacher's answer

    def part(self, rows: NDArray[np.bool_]) -> "CallColumns":
        """Some of the calls."""
        return CallColumns(**{name: values[rows] for name, values in vars(self).items()})


@dataclass(frozen=True)
class Money:
    """One period at the prices in force, calls weighted [USD]."""

    teacher_usd: float  # what the traffic did cost
    served_usd: float  # the part of it that the student would have taken over
    audit_usd: float  # served calls that the teacher answers as well
    serving_usd: float  # machines for the student

    @property
    def hybrid_usd(self) -> float:
        """What the traffic would have cost with the student."""
        return self.teacher_usd - self.served_usd + self.audit_usd + self.serving_usd

    @property
    def net_saving_usd(self) -> float:
        """Below zero when the student costs more than it saves."""
        return self.served_usd - self.audit_usd - self.serving_usd


@dataclass(frozen=True)
class Serving:
    """The machines that a student needs."""

    instances: int
    usd_per_day: float


def serving(calls: CallColumns, days: float, student_ms_p50: float, assumptions: Assumptions) -> Serving:
    """Always-on 2-vCPU instances: enough for the peak, at least ``min_replicas``.

    Every call passes the student first, since only its confidence says who answers.
    n = max(n_min, ceil(mean calls/s x peak-to-mean / (capacity x target utilisation)))
    """
    mean_rps = float(calls.weight.sum()) / (days * DAY_S)
    usable_rps = cpu_capacity_rps(student_ms_p50) * assumptions.value("target_utilisation")
    needed = math.ceil(mean_rps * assumptions.value("peak_to_mean") / usable_rps)
    instances = max(int(assumptions.value("min_replicas")), needed)
    return Serving(instances, instances * assumptions.value("cpu_usd_per_hour") * 24)


def money(calls: CallColumns, days: float, serving_usd_per_day: float, audit_share: float) -> Money:
    """What ``calls`` cost, and would have cost, over ``days``."""
    spent_usd = np.nan_to_num(calls.cost_usd) * calls.weight
    served_usd = float(spent_usd[calls.is_served].sum())
    return Money(float(spent_usd.sum()), served_usd, audit_share * served_usd, serving_usd_per_day * days)


def period_days(calls: CallColumns) -> float:
    """Length of the period [days], at least one: a shorter one says nothing about a month."""
    return max(1.0, float(calls.at_s[-1] - calls.at_s[0]) / DAY_S)


def monthly(total_usd: float, days: float) -> float:
    """The same per month of 30.4 days [USD / month]."""
    return total_usd * DAYS_PER_MONTH / days


def monthly_saving(calls: CallColumns, paid: Money, days: float, audit_share: float, seed: int) -> Interval | None:
    """Net saving per month with a 95 % interval; None when fewer than two days were seen."""
    served_usd = np.where(calls.is_served, np.nan_to_num(calls.cost_usd) * calls.weight, 0.0)
    day = (calls.at_s // DAY_S).astype(np.int64)
    daily_usd = np.bincount(day - day[0], weights=served_usd)
    if len(daily_usd) < 2:
        return None
    draws = np.random.default_rng(seed).integers(len(daily_usd), size=(RESAMPLES, len(daily_usd)))
    totals = daily_usd[draws].sum(axis=1) * (1 - audit_share) - paid.serving_usd
    low, high = (monthly(float(value), days) for value in np.quantile(totals, [0.025, 0.975]))
    value = monthly(paid.net_saving_usd, days)
    return Interval(value, min(low, value), max(high, value), "95% bootstrap over days", len(daily_usd))


def coverage(calls: CallColumns) -> Interval | None:
    """Share of calls that the student would have served, calls weighted; the interval is for the rows seen."""
    counted = wilson(int(calls.is_served.sum()), len(calls.is_served))
    if counted is None:
        return None
    share = float(calls.weight[calls.is_served].sum() / calls.weight.sum())
    return Interval(share, min(counted.low, share), max(counted.high, share), counted.covers, counted.n)


def agreement(calls: CallColumns) -> Interval | None:
    """Share of served calls whose answer is the teacher's; None when the student served nothing."""
    judged = calls.is_served & calls.is_comparable
    return wilson(int(calls.agrees[judged].sum()), int(judged.sum()))


def weeks(calls: CallColumns) -> list[tuple[datetime, NDArray[np.bool_]]]:
    """The Mondays (UTC) of the ISO weeks in the period, each with its calls."""
    monday = ((calls.at_s // DAY_S + 3) // 7) * 7 - 3  # 1970-01-01 was a Thursday
    return [(datetime.fromtimestamp(start * DAY_S, UTC), monday == start) for start in np.unique(monday)]


def days_in_week(monday: datetime, first_s: float, last_s: float) -> float:
    """The days of a week that lie inside the period [days]."""
    start_s, end_s = monday.timestamp(), (monday + timedelta(days=7)).timestamp()
    return max(0.0, min(end_s, last_s) - max(start_s, first_s)) / DAY_S

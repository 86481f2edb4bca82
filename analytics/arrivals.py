"""How the calls of a task arrive: for which peak to size a fleet, how long a machine could sleep, what a cache keeps.

Measured on one hour in eight (sql/macros/is_sampled_hour.sql), minutes without a call included.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SLEEP_AFTER_S = 300  # a machine that scales to zero waits this long for another call
CACHE_LIFETIME_S = 300  # of a provider's prompt cache, renewed by each hit
LEAST_MINUTES = 720  # half a day of sampled minutes, before a 99th percentile means anything
LEAST_CALLS = 100
PEAK_SHARE = 0.99  # of the minutes that a fleet must bear; sql/queries/measure_arrivals.sql has the same
FULL_LOG = 1.01  # calls a row up to which the log counts as complete


@dataclass(frozen=True)
class Arrivals:
    """Measured shape of the traffic; None where the log cannot tell."""

    minutes: int  # looked at
    peak_to_mean: float  # 99th percentile of the tokens of a minute over their mean
    scv: float  # variance of the calls of a minute over their mean: 1 for Poisson
    awake_share: float | None  # of the time, for a machine that sleeps after SLEEP_AFTER_S; None for a sampled log
    cache_hit_share: float | None  # calls that find a prompt cache still warm; at least, in a sampled log


def arrivals_of(row: Mapping[str, Any]) -> Arrivals | None:
    """From a row of ``measure_arrivals``; None where there is too little of it.

    In a log that keeps one call in w, the counts of a minute scatter more than the traffic does:
    Var(traffic) = Var(w n) - (w - 1) E(traffic) for calls kept independently; its 99th percentile is then that of the
    gamma distribution with that mean and variance.
    """
    minutes, rows, calls = row["minutes"], row["rows"], row["calls"]
    if minutes < LEAST_MINUTES or rows < LEAST_CALLS or not row["tokens"]:
        return None
    mean, weight = calls / minutes, calls / rows
    variance = row["calls_squared"] / minutes - mean**2
    is_full = weight <= FULL_LOG
    true_variance = variance if is_full else max(variance - (weight - 1) * mean, mean)
    peak = _measured_peak(row) if is_full else gamma_p99(true_variance / mean**2)
    awake = min(1.0, row["awake_s"] / (60 * minutes)) if is_full else None
    chances = row["cache_chances"]
    return Arrivals(
        minutes=minutes,
        peak_to_mean=max(1.0, peak),
        scv=true_variance / mean,
        awake_share=awake,
        cache_hit_share=min(1.0, row["cache_hits"] / chances) if chances else None,
    )


def _measured_peak(row: Mapping[str, Any]) -> float:
    """Where at most one minute in a hundred has a call, the mean of the busy ones stands for the peak."""
    if row["busy_minutes"] <= (1 - PEAK_SHARE) * row["minutes"]:
        return float(row["minutes"] / row["busy_minutes"])
    return float(row["p99_tokens"] / (row["tokens"] / row["minutes"]))


def gamma_p99(relative_variance: float) -> float:
    """99th percentile of a gamma distribution with mean 1 and this variance.

    >>> round(gamma_p99(1.0), 6)  # exponential: -ln 0.01
    4.60517
    """
    from scipy.stats import gamma

    return float(gamma.ppf(0.99, 1 / relative_variance, scale=relative_variance)) if relative_variance > 0 else 1.0

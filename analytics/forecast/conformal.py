"""How wide the range must be, learned from the errors that the chosen forecast made at its rolling origins.

The log error h days ahead is taken to have variance f^2 (r^2 (1 + START) + q^2 h + b^2 h^2): r is the spread of single
days around the level, q that of the level's daily step, b that of the growth left unknown, f a factor. q follows from
the weekly means of the errors by the method of moments. f is conformal: the share of scaled errors that must lie inside
decides it (Vovk et al. 2005; Romano et al. 2019 scale errors alike). Origins overlap and are few, so both are pulled
to what most series need.
"""

from dataclasses import dataclass

import numpy as np

from analytics.forecast.metrics import LEVEL, F

START = 0.1  # variance of today's level, in variances of a day
PRIOR_STEP = 0.12  # q / r before anything is known: what smoothing with a weight near 0.1 implies
PRIOR_WEIGHT = 2.0  # in horizons of history
LEAST_TOTAL = 7  # days of a total that says something of the level
TOTALS_PRIOR = 2.0  # totals that say k = 1 before any is seen
TOTALS_COUNT = 3.0  # totals at most that overlapping ones are worth
NORMAL_80 = 1.2815515655446004  # 90 % point of the standard normal


@dataclass(frozen=True)
class Spread:
    """The spread of a forecast on the log scale."""

    day: float  # r: sd of single days around the level
    step: float  # q: sd of one day's step of the level
    slope: float  # b: sd of the growth a day that the forecast does not know
    factor: float  # f: 1 when the errors of the past were as wide as r and q say
    origins: int  # rolling origins behind q and f
    level: float = 1.0  # k: what moves whole totals, against what q and b say, from the totals at the origins

    def by_lead(self, horizon: int) -> F:
        """Standard deviation of the log error of each lead, factor included."""
        leads = np.arange(1, horizon + 1)
        return np.asarray(
            self.factor * np.sqrt(self.day**2 * (1 + START) + self.step**2 * leads + (self.slope * leads) ** 2)
        )


def calibrate(errors: F, day_sd: float, slope: float, history: int, season: int) -> Spread:
    """Spread from log errors by origin and lead (NaN where unknown).

    day_sd: r. slope: b. history: days behind the oldest forecast and since, which say how far to trust few origins.
    """
    if not np.isfinite(errors).any() or day_sd <= 0:
        return Spread(day_sd, PRIOR_STEP * day_sd, slope, 1.0, 0)
    weight = history / max(errors.shape[1], 1)
    trust = weight / (weight + PRIOR_WEIGHT)
    found = _step_variance(errors, day_sd, max(season, 1))
    step = float(np.sqrt(trust * found + (1 - trust) * (PRIOR_STEP * day_sd) ** 2))
    plain = Spread(day_sd, step, slope, 1.0, errors.shape[0])
    scaled = np.abs(errors / plain.by_lead(errors.shape[1]))
    scaled = scaled[np.isfinite(scaled)]
    # Errors of one week hang together, so that weeks are counted, not days.
    share = min(1.0, LEVEL * (1 + max(season, 7) / len(scaled)))
    factor = float(np.quantile(scaled, share)) / NORMAL_80
    return Spread(day_sd, step, slope, float(np.exp(trust * np.log(max(factor, 0.25)))), errors.shape[0])


def _step_variance(errors: F, day_sd: float, season: int) -> float:
    """Sum over (squared weekly mean error less its share of r^2) / sum of days ahead; at least 0."""
    over, under = 0.0, 0.0
    for row in errors:
        for start in range(0, len(row) - season + 1, season):
            part = row[start : start + season]
            if np.isfinite(part).all():
                over += float(part.mean()) ** 2 - day_sd**2 * (1 / season + START)
                under += start + (season + 1) / 2
    return max(0.0, over / under) if under else 0.0


def level_factor(actual: F, forecast: F, spread: Spread) -> float:
    """k: how far the totals after each origin were off, against what the spread says of totals.

    actual, forecast: values by origin and lead, NaN where unknown. Errors of single days say little of totals: what
    is noise from day to day cancels in them, and what is left is the level. Totals after one origin hold those after
    the next, so that few of them count; the mean square is pulled to 1.
    """
    scores = [_total_score(*both, spread) for both in zip(actual, forecast, strict=True)]
    known = [score for score in scores if score is not None]
    if not known:
        return 1.0
    weight = min(TOTALS_COUNT, len(known))
    return float(np.sqrt((TOTALS_PRIOR + weight * np.mean(known)) / (TOTALS_PRIOR + weight)))


def _total_score(actual: F, forecast: F, spread: Spread) -> float | None:
    """Squared log error of one origin's total over what is expected of it; the part of single days left out."""
    due = np.isfinite(actual) & np.isfinite(forecast)
    days, came, said = int(due.sum()), float(actual[due].sum()), float(forecast[due].sum())
    if spread.day <= 0 or days < LEAST_TOTAL or came <= 0 or said <= 0:
        return None
    level = spread.factor**2 * (spread.day**2 * START + spread.step**2 * days / 3 + (spread.slope * days / 2) ** 2)
    noise = spread.factor**2 * spread.day**2 / days
    return float((np.log(came / said) ** 2) / (level + noise))

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
LEAST_WANDER = 0.1  # of the variance of a day that is never taken for counting
PRIOR_WEIGHT = 2.0  # in horizons of history
NORMAL_80 = 1.2815515655446004  # 90 % point of the standard normal


@dataclass(frozen=True)
class Spread:
    """The spread of a forecast on the log scale."""

    day: float  # r: sd of single days around the level
    step: float  # q: sd of one day's step of the level
    slope: float  # b: sd of the growth a day that the forecast does not know
    factor: float  # f: 1 when the errors of the past were as wide as r and q say
    origins: int  # rolling origins behind q and f

    def by_lead(self, horizon: int) -> F:
        """Standard deviation of the log error of each lead, factor included."""
        leads = np.arange(1, horizon + 1)
        return np.asarray(
            self.factor * np.sqrt(self.day**2 * (1 + START) + self.step**2 * leads + (self.slope * leads) ** 2)
        )


def calibrate(errors: F, day_sd: float, slope: float, history: int, season: int, counting: float = 0.0) -> Spread:
    """Spread from log errors by origin and lead (NaN where unknown).

    counting: variance of a day that comes from counting few calls, which says nothing of how the level wanders.
    day_sd: r. slope: b. history: days behind the oldest forecast and since, which say how far to trust few origins.
    """
    prior = PRIOR_STEP * float(np.sqrt(max(day_sd**2 - counting, LEAST_WANDER * day_sd**2)))
    if not np.isfinite(errors).any() or day_sd <= 0:
        return Spread(day_sd, prior, slope, 1.0, 0)
    weight = history / max(errors.shape[1], 1)
    trust = weight / (weight + PRIOR_WEIGHT)
    found = _step_variance(errors, day_sd, max(season, 1))
    step = float(np.sqrt(trust * found + (1 - trust) * prior**2))
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

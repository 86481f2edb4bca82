"""How wide the range must be, learned from the history and from the errors of the chosen forecast at its origins.

The log error h days ahead is taken to have variance f^2 (r^2 + s^2 + q^2 h + b^2 h^2): r is the spread of single days
around the level, s how far today's level is unknown, q the level's daily step, b the growth left unknown, f a factor. q
and s are not one number but a posterior (``wander``). f is conformal: the share of scaled errors that must lie inside
decides it (Vovk et al. 2005; Romano et al. 2019 scale errors alike). Origins are few, so f is pulled to one.
"""

from dataclasses import dataclass, replace

import numpy as np

from analytics.forecast.metrics import LEVEL, F
from analytics.forecast.wander import Wander

PRIOR_WEIGHT = 2.0  # in horizons of history
NORMAL_80 = 1.2815515655446004  # 90 % point of the standard normal


@dataclass(frozen=True, eq=False)
class Spread:
    """The spread of a forecast on the log scale."""

    day: float  # r: sd of single days around the level
    wander: Wander  # q and s
    slope: float  # b: sd of the growth a day that the forecast does not know
    factor: float  # f: 1 when the errors of the past were as wide as the rest says
    origins: int  # rolling origins behind f

    def by_lead(self, horizon: int) -> F:
        """Standard deviation of the log error of each lead, factor included, at the middle of the posterior."""
        leads = np.arange(1, horizon + 1)
        step, start = float(np.mean(self.wander.step)), float(np.mean(self.wander.start))
        return np.asarray(self.factor * np.sqrt(self.day**2 + start**2 + step**2 * leads + (self.slope * leads) ** 2))


def calibrate(errors: F, wander: Wander, day_sd: float, slope: float, history: int, season: int) -> Spread:
    """Spread from log errors by origin and lead (NaN where unknown).

    day_sd: r. slope: b. history: days behind the oldest forecast and since, which say how far to trust few origins.
    """
    plain = Spread(day_sd, wander, slope, 1.0, errors.shape[0])
    if not np.isfinite(errors).any() or day_sd <= 0:
        return replace(plain, origins=0)
    weight = history / max(errors.shape[1], 1)
    trust = weight / (weight + PRIOR_WEIGHT)
    scaled = np.abs(errors / plain.by_lead(errors.shape[1]))
    scaled = scaled[np.isfinite(scaled)]
    # Errors of one week hang together, so that weeks are counted, not days.
    share = min(1.0, LEVEL * (1 + max(season, 7) / len(scaled)))
    factor = float(np.quantile(scaled, share)) / NORMAL_80
    return replace(plain, factor=float(np.exp(trust * np.log(max(factor, 0.25)))))

"""Less than four weeks of history: a mean or a mean by weekday, with a range as wide as the days seen and more."""

import numpy as np

from analytics.forecast.choose import Choice
from analytics.forecast.conformal import Spread
from analytics.forecast.drift import PRIOR_SD
from analytics.forecast.metrics import F
from analytics.forecast.naive import mean_28, weekday_mean
from analytics.forecast.wander import Wander
from analytics.forecast.window import Window

UNKNOWN_DAY_SD = 0.5  # log spread of days when fewer than a week were seen
UNKNOWN_STEP = 0.03  # sd of the level's daily log step: a new task may double or fade
UNKNOWN_START = 0.32  # sd of today's level, in sds of a day: that of the mean of ten days
WEEK = 7


def short_choice(window: Window, horizon: int) -> Choice:
    """The mean of the days, by weekday from two weeks on."""
    days = len(window.values)
    by_weekday = window.season > 1 and days >= 2 * window.season
    logs = weekday_mean(window, horizon) if by_weekday else mean_28(window, horizon)
    name = "weekday mean" if by_weekday else "mean of the days seen"
    why = f"insufficient history: {days} days, and 28 are needed to try candidates on it"
    return Choice(name, why, logs, np.full((0, horizon), np.nan), None, ())


def short_spread(past: F) -> Spread:
    """The spread of the days seen, pulled to a wide one the fewer they are."""
    seen = float(np.mean(past**2)) if len(past) else 0.0
    share = len(past) / (len(past) + WEEK)
    day = float(np.sqrt(share * seen + (1 - share) * UNKNOWN_DAY_SD**2))
    wander = Wander(np.array([UNKNOWN_STEP]), np.array([UNKNOWN_START * day]))
    return Spread(day, wander, PRIOR_SD, 1.0, 0)

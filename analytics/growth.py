"""Growth of a task's calls: the slope of log weekly volume, with its interval."""

import math
from collections.abc import Sequence

from analytics.contracts import Interval

DAYS_A_MONTH = 30.4
LEAST_WEEKS = 6


def weekly_totals(daily: Sequence[float]) -> list[float]:
    """Sums of whole weeks, counted back from the newest day, so that each has every weekday once."""
    weeks = len(daily) // 7
    tail = daily[len(daily) - 7 * weeks :]
    return [sum(tail[7 * week : 7 * week + 7]) for week in range(weeks)]


def monthly_growth(daily_calls: Sequence[float]) -> Interval | None:
    """Growth of calls [share / month of 30.4 days], least squares on the log of whole weeks.

    Returns None with fewer than six weeks that had calls: a slope of less says nothing. The range is the 95 %
    t interval of the slope, which takes weeks for independent and so is a little narrow.

    >>> round(monthly_growth([100 * 1.10 ** (day / 30.4) for day in range(84)]).value, 3)
    0.1
    """
    from scipy import stats

    weeks = [(week, total) for week, total in enumerate(weekly_totals(daily_calls)) if total > 0]
    if len(weeks) < LEAST_WEEKS:
        return None
    logs = [math.log(total) for _, total in weeks]
    fit = stats.linregress([week for week, _ in weeks], logs)
    # Weeks that are all alike leave no residual, for which scipy's standard error is not a number.
    stderr = float(fit.stderr) if max(logs) > min(logs) else 0.0
    half = float(stats.t.ppf(0.975, len(weeks) - 2)) * stderr
    low, value, high = (
        math.expm1(slope * DAYS_A_MONTH / 7) for slope in (fit.slope - half, fit.slope, fit.slope + half)
    )
    return Interval(value, low, high, "95% t interval of the weekly slope", len(weeks))

"""What more lessons would bring: error against lessons, and whether another round pays.

error(n) = floor + a n^-b (Hestness et al. 2017), a and b by least squares of logarithms. A floor cannot be told from
so few points, so each draw of the range takes none (one in three) or one at random up to 80 % of the least error seen,
beside errors drawn from what the test rows leave open (Beta posterior, Jeffreys prior). A change of the task is unknown
to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from analytics.contracts import Interval

DRAWS = 2_000
LEAST_POINTS = 3
HIGHEST_FLOOR = 0.8
MONTHS = 12


class Point(NamedTuple):
    """A student of some size of training set."""

    lessons: int
    errors: int
    rows: int  # on which it was tested


@dataclass(frozen=True)
class LearningCurve:
    """What another round of so many lessons is expected to do."""

    points: list[Point]
    more_lessons: int
    error_now: float
    error_then: Interval | None
    gain: Interval | None  # error now minus error then, by the curve
    value_usd: Interval | None  # of the gain in a year
    cost_usd: float | None  # of having the lessons answered
    verdict: str | None  # pays, does not pay; None: cannot say
    why: str


def learning_curve(
    points: Sequence[Point], more_lessons: int, usd_per_point: float | None, usd_per_lesson: float | None, seed: int
) -> LearningCurve | None:
    """The curve and its verdict; None without a point.

    usd_per_point: worth of one error less in every call, for a year [USD]. usd_per_lesson: cost of one more answer.
    """
    ordered = sorted(points)
    if not ordered:
        return None
    now = ordered[-1].errors / ordered[-1].rows
    sizes = {point.lessons for point in ordered}
    if len(sizes) < LEAST_POINTS or more_lessons < 1:
        why = f"{len(sizes)} sizes of training set are known; {LEAST_POINTS} are needed to see a curve"
        return LearningCurve(list(ordered), more_lessons, now, None, None, None, None, None, why)
    then, gain = _ahead(ordered, more_lessons, seed)
    cost = None if usd_per_lesson is None else usd_per_lesson * more_lessons
    value = None if usd_per_point is None else _times(gain, usd_per_point)
    verdict, why = _verdict(gain, value, cost)
    return LearningCurve(list(ordered), more_lessons, now, then, gain, value, cost, verdict, why)


def fit_power_law(lessons: Sequence[float], errors: Sequence[float], floor: float = 0.0) -> tuple[float, float]:
    """a and b of error = floor + a n^-b, by least squares of logarithms; b is not below 0.

    >>> a, b = fit_power_law([100, 200, 400], [0.2, 0.1, 0.05])
    >>> round(a, 6), round(b, 6)
    (20.0, 1.0)
    """
    x, y = np.log(np.asarray(lessons, dtype=float)), np.log(np.maximum(np.asarray(errors, dtype=float) - floor, 1e-6))
    slope = float(((x - x.mean()) * (y - y.mean())).sum() / ((x - x.mean()) ** 2).sum())
    b = max(0.0, -slope)
    return float(np.exp(y.mean() + b * x.mean())), b


def _ahead(points: Sequence[Point], more: int, seed: int) -> tuple[Interval, Interval]:
    """Error with so many more lessons, and how much less that is than the curve's error now."""
    generator = np.random.default_rng(seed)
    lessons = [point.lessons for point in points]
    drawn = np.stack([generator.beta(p.errors + 0.5, p.rows - p.errors + 0.5, DRAWS) for p in points], axis=1)
    shares = np.maximum(0.0, generator.uniform(-HIGHEST_FLOOR / 2, HIGHEST_FLOOR, DRAWS))
    found = np.array([_one(lessons, row, share * row.min(), more) for row, share in zip(drawn, shares, strict=True)])
    then, gain = (_interval(found[:, column], points[-1].rows) for column in (1, 2))
    return then, gain


def _one(
    lessons: Sequence[int], errors: "np.ndarray[tuple[int], np.dtype[np.float64]]", floor: float, more: int
) -> list[float]:
    a, b = fit_power_law(lessons, errors.tolist(), floor)
    now, then = (floor + a * n**-b for n in (lessons[-1], lessons[-1] + more))
    return [now, then, now - then]


def _interval(values: "np.ndarray[tuple[int], np.dtype[np.float64]]", n: int) -> Interval:
    low, middle, high = (float(one) for one in np.quantile(values, [0.025, 0.5, 0.975]))
    return Interval(middle, low, high, "95% of draws: test rows and an unknown floor", n)


def _times(gain: Interval, usd: float) -> Interval:
    return Interval(gain.value * usd, gain.low * usd, gain.high * usd, gain.covers, gain.n)


def _verdict(gain: Interval, value: Interval | None, cost: float | None) -> tuple[str | None, str]:
    said = f"{100 * gain.value:.1f} points less error expected ({100 * gain.low:.1f} to {100 * gain.high:.1f})"
    if value is None or cost is None:
        return None, f"{said}; what that is worth cannot be said without price and volume of the calls"
    worth = f"worth ${value.value:,.0f} a year (${value.low:,.0f} to ${value.high:,.0f})"
    money = f"{worth} against ${cost:,.2f} for the answers"
    if value.low > cost:
        return "pays", f"{said}, {money}"
    return ("does not pay", f"{said}, {money}") if value.high < cost else (None, f"{said}, {money}: too close to say")


def usd_per_point(calls_per_month: float | None, teacher_usd: float | None, error_cost_calls: float) -> float | None:
    """What an error rate lower by 1 (all calls) is worth in a year [USD]; None where price or volume is unknown.

    calls a month x 12 x cost of one error, which is so many calls' cost (assumption error_cost_calls).
    """
    if calls_per_month is None or teacher_usd is None:
        return None
    return calls_per_month * MONTHS * error_cost_calls * teacher_usd

"""What a student will reach, foretold from the stand-ins' learning curve, with a range that was checked on real tasks.

Everything happens in log-odds, where learning curves are close to straight lines in the logarithm of the lessons. The
few constants were fitted by benchmarks/prediction.py; docs/experiments.md reports them on tasks that were held out.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from analytics.contracts import Interval
from analytics.stand_ins import Rung, Trial

TESTED_ON = 1_000  # requests: the range is of what a test of that size shows; a smaller test scatters more
NOT_BELOW = 1e-4  # log-odds of 0 and 1 do not exist
HEAD_COVERS = "80 % of head students"
TUNED_COVERS = "80 % of fine-tuned students"


@dataclass(frozen=True)
class Calibration:
    """How far the stand-ins are from students. Spreads in log-odds."""

    damping: float  # share of the curve's slope that is kept beyond the sample
    task_spread: float  # between tasks: student against stand-in, test against log
    doubling_spread: float  # more for each doubling of the lessons beyond the sample
    reach: float  # spreads to either side that hold 80 % of the students


HEAD = Calibration(damping=0.8, task_spread=0.12, doubling_spread=0.12, reach=1.5)


@dataclass(frozen=True)
class TunedCalibration:
    """From a head to a fine-tuned student of the same task and lessons. In log-odds."""

    gain: float  # of a fine-tuned student over a head
    spread: float  # of that gain between tasks
    reach: float


TUNED = TunedCalibration(gain=0.16, spread=0.45, reach=1.28)


class Odds(NamedTuple):
    """An agreement in log-odds with its spread."""

    centre: float
    spread: float


def log_odds(share: float) -> float:
    """ln(p / (1 - p)).

    >>> log_odds(0.5)
    0.0
    """
    held = min(max(share, NOT_BELOW), 1 - NOT_BELOW)
    return math.log(held / (1 - held))


def share_of(odds: float) -> float:
    """The share whose log-odds these are.

    >>> round(share_of(log_odds(0.93)), 10)
    0.93
    """
    return 1 / (1 + math.exp(-odds))


class Slope(NamedTuple):
    """Log-odds gained by twice the lessons."""

    rise: float  # never below zero
    leverage: float  # variance of the rise over that of one rung


def slope_a_doubling(rungs: Sequence[Rung]) -> Slope:
    """Least squares over the rungs; leverage = 1 / sum of squared steps from their middle."""
    if len(rungs) < 2:
        return Slope(0.0, 0.0)
    steps = [math.log2(rung.lessons) for rung in rungs]
    odds = [log_odds(rung.agreement) for rung in rungs]
    middle, level = sum(steps) / len(steps), sum(odds) / len(odds)
    squares = sum((step - middle) ** 2 for step in steps)
    rise = sum((step - middle) * (value - level) for step, value in zip(steps, odds, strict=True)) / squares
    return Slope(max(0.0, rise), 1 / squares)


def extrapolate(
    rungs: Sequence[Rung], requests: int, lessons: int, by: Calibration, tested_on: int = TESTED_ON
) -> Odds:
    """Agreement of a head with so many lessons.

    centre = z + s d below the sample's size, z + damping s d above, d = log2(lessons / sample); n requests asked and m
    tested leave (1 / n + 1 / m) / (p (1 - p)) to chance (the variance of log-odds by the delta method), the slope its
    own share of the first; task^2 + (doubling d)^2 is what was seen between tasks.
    """
    held = (rungs[0].agreement * requests + 0.5) / (requests + 1)
    doublings = math.log2(max(lessons, 1) / rungs[0].lessons)
    kept = (by.damping if doublings > 0 else 1.0) * doublings
    slope = slope_a_doubling(rungs)
    centre = log_odds(held) + slope.rise * kept
    reached = share_of(centre)
    asked, tested = 1 / (requests * held * (1 - held)), 1 / (tested_on * reached * (1 - reached) + 0.5)
    chance = asked * (1 + slope.leverage * kept**2) + tested
    return Odds(centre, math.sqrt(chance + by.task_spread**2 + (by.doubling_spread * doublings) ** 2))


def head_agreement(trial: Trial, lessons: int, by: Calibration = HEAD) -> Interval | None:
    """Of a head student with the teacher, on requests it has not seen; null where nothing could be tried."""
    if not trial.rungs:
        return None
    found = extrapolate(trial.rungs, trial.new_rows, lessons, by)
    return _interval(later(found, trial.drop), by.reach, HEAD_COVERS, trial.new_rows)


def tuned_agreement(
    trial: Trial, lessons: int, by: Calibration = HEAD, tuned: TunedCalibration = TUNED
) -> Interval | None:
    """Of a fine-tuned student, which nobody trained yet: the head's log-odds and what fine-tuning usually adds."""
    if not trial.rungs:
        return None
    head = later(extrapolate(trial.rungs, trial.new_rows, lessons, by), trial.drop)
    found = Odds(head.centre + tuned.gain, math.hypot(head.spread, tuned.spread))
    return _interval(found, tuned.reach, TUNED_COVERS, trial.new_rows)


@dataclass(frozen=True)
class CurvePoint:
    """Predicted agreement of a head with so many lessons."""

    lessons: int
    value: float
    low: float
    high: float


def learning_curve(trial: Trial, lessons: int) -> list[CurvePoint]:
    """From a quarter to four times the lessons that a plan would have: would more of them help?"""
    found = [
        (part, head_agreement(trial, part)) for part in (lessons // 4, lessons // 2, lessons, 2 * lessons, 4 * lessons)
    ]
    return [CurvePoint(part, one.value, one.low, one.high) for part, one in found if part and one]


def field_agreement(trial: Trial, lessons: int) -> dict[str, Interval | None]:
    """Key by key of a JSON answer, from the sample as it is: keys have no learning curve of their own."""
    found: dict[str, Interval | None] = {}
    for name, right in trial.field_right.items():
        rungs = (Rung(len(right), float(right.mean())),)
        found[name] = _interval(extrapolate(rungs, len(right), lessons, HEAD), HEAD.reach, HEAD_COVERS, len(right))
    return found


def later(found: Odds, drop: float) -> Odds:
    """Lowered by what the newest requests lose; the student will meet newer ones still."""
    return Odds(log_odds(share_of(found.centre) - drop), found.spread) if drop > 0 else found


def _interval(found: Odds, reach: float, covers: str, n: int) -> Interval:
    low, value, high = (share_of(found.centre + side * reach * found.spread) for side in (-1, 0, 1))
    return Interval(value, low, high, covers, n)

"""A made-up half year of routed traffic, with the truth: who was wrong, and what the teacher would have billed.

A student doubts its answers by x ~ Beta(1, 9), and is wrong with a chance that grows with x. On a day of its own the
world changes: either doubtful answers get worse (a stricter threshold helps) or all do alike (nothing does). Prices
fall once, the teacher is out for two days, and the student of the last weeks is bad from its first answer.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

DAYS = 182
CALL_USD = 0.05  # mean bill of a call before the price cut
RARE_SHARE = 0.05  # of calls, in clusters that are seen seldom
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Scenario:
    """What happens when, drawn by seed."""

    seed: int
    drift_day: int
    drift_helps: bool  # whether a stricter threshold would
    outage_day: int
    price_day: int
    price_share: float  # of the earlier price
    bad_day: int  # on which the bad student is promoted
    token_bias: float  # estimated bill over the true one, on average

    @classmethod
    def of(cls, seed: int) -> "Scenario":
        draw = np.random.default_rng([seed, 7])
        return cls(
            seed, int(draw.integers(50, 90)), bool(draw.random() < 0.5), int(draw.integers(10, 170)),
            int(draw.integers(30, 150)), float(draw.uniform(0.5, 0.9)), int(draw.integers(135, 150)),
            float(draw.uniform(0.85, 1.15)),
        )  # fmt: skip


@dataclass(frozen=True)
class Calls:
    """One day of calls; the truth is known for each."""

    confidence: Floats
    wrong_chance: Floats
    is_wrong: Bools  # if the student answered
    is_rare: Bools
    bill_usd: Floats  # of the teacher
    estimate_usd: Floats
    novelty: Floats
    characters: Floats


@dataclass(frozen=True)
class Student:
    """How one student errs: with chance base + slope x, and after the drift with more."""

    name: str
    base: float = 0.0
    slope: float = 0.45
    knows_drift: bool = False


def day_of(scenario: Scenario, student: Student, day: int, calls: int) -> Calls:
    """The calls of one day, the same for the same seed, student and day."""
    draw = np.random.default_rng([scenario.seed, day, len(student.name), ord(student.name[-1])])
    n = int(draw.poisson(calls * (0.4 if day % 7 >= 5 else 1.0)))
    doubt = draw.beta(1, 9, n)
    drifted = day >= scenario.drift_day and not student.knows_drift
    base, slope = student.base, student.slope
    if drifted:
        base, slope = (base, 2.2) if scenario.drift_helps else (base + 0.08, slope)
    chance = np.clip(base + slope * doubt, 0, 1)
    characters = draw.lognormal(5, 0.5, n) * (1.4 if day >= scenario.drift_day else 1.0)
    price = CALL_USD * (scenario.price_share if day >= scenario.price_day else 1.0)
    bill = price * draw.lognormal(-0.125, 0.5, n)
    estimate = bill * scenario.token_bias * draw.lognormal(-0.02, 0.2, n)
    return Calls(
        1 - doubt, chance, draw.random(n) < chance, draw.random(n) < RARE_SHARE, bill, estimate,
        doubt + draw.normal(0, 0.02, n), characters,
    )  # fmt: skip

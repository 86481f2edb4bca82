"""What one day of a student saved, in whole micro-dollars, so that a ledger adds up and is verified to the last one.

Saving = what the day's calls would have cost on the cheapest API configuration that passes, at the price in force that
day, less what was paid for calls handed back, audits, machines and operations. A call that a student served has no
bill: its tokens are estimated, and the estimate is corrected by what audits of like calls were billed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import NamedTuple

MICROS = Decimal(1_000_000)
RATIO_STEP = Decimal("0.000001")
LEAST_PRICED_AUDITS = 30  # below, an estimate of tokens is taken as it is
UNCHECKED_SPREAD = 0.2  # an estimate of tokens that nobody has checked is taken to be right within 20 %
Z_90 = 1.6448536269514722  # of a two-sided 90 % range
DAYS_PER_MONTH = 30.4


class PricedAudit(NamedTuple):
    """An audit with both bills of one call [USD]."""

    billed_usd: Decimal  # by the teacher
    estimated_usd: Decimal  # from the tokens on the student's row, at the same prices
    propensity: float


@dataclass(frozen=True)
class TokenRatio:
    """What the teacher bills for what was estimated at 1."""

    value: Decimal
    standard_error: float | None  # None: too few audits to say
    audits: int

    @property
    def half_width(self) -> float:
        """Of the 90 % range."""
        return UNCHECKED_SPREAD if self.standard_error is None else Z_90 * self.standard_error


def token_ratio(audits: Sequence[PricedAudit]) -> TokenRatio:
    """Sum of bills over sum of estimates, each by 1 / propensity; 1 with fewer than 30 priced audits.

    Standard error by linearisation (Cochran 1977, 6.4): sqrt(sum (w (billed - R estimated))^2) / sum w estimated.
    """
    weights = [1 / Decimal(str(one.propensity)) for one in audits]
    estimated = sum((w * one.estimated_usd for w, one in zip(weights, audits, strict=True)), Decimal(0))
    if len(audits) < LEAST_PRICED_AUDITS or not estimated:
        return TokenRatio(Decimal(1), None, len(audits))
    billed = sum((w * one.billed_usd for w, one in zip(weights, audits, strict=True)), Decimal(0))
    ratio = (billed / estimated).quantize(RATIO_STEP, ROUND_HALF_EVEN)
    left = (float(w * (one.billed_usd - ratio * one.estimated_usd)) for w, one in zip(weights, audits, strict=True))
    return TokenRatio(ratio, math.sqrt(sum(one * one for one in left)) / float(estimated), len(audits))


@dataclass(frozen=True)
class Paid:
    """One day of a student, from raw rows [USD]."""

    served_estimate_usd: Decimal  # what the API would have billed for served calls, from estimated tokens
    handed_back_usd: Decimal  # paid for calls that went to the teacher
    audit_usd: Decimal


@dataclass(frozen=True)
class Terms:
    """What a day's money rests on besides raw rows; kept with the booked row."""

    kept_share: Decimal  # of the API bill that the cheapest passing configuration leaves
    token_ratio: Decimal
    serving_usd: Decimal  # machines, a day
    operations_usd: Decimal  # on-call and upkeep, a day


@dataclass(frozen=True)
class DayMoney:
    """One day [integer micro-dollars]. The parts add up exactly."""

    baseline_micros: int
    correction_micros: int  # what later audits say of the estimates of earlier days
    handed_back_micros: int
    audit_micros: int
    serving_micros: int
    operations_micros: int

    @property
    def spent_micros(self) -> int:
        """What was paid in place of the baseline."""
        return self.handed_back_micros + self.audit_micros + self.serving_micros + self.operations_micros

    @property
    def saving_micros(self) -> int:
        """Below zero when the student costs more than it saves."""
        return self.baseline_micros + self.correction_micros - self.spent_micros


class Estimated(NamedTuple):
    """What was booked for served calls before a day, so that it can be put right when audits tell more."""

    kept_usd: Decimal = Decimal(0)  # estimates, each by its day's kept_share
    ratio: Decimal = Decimal(1)  # by which they are booked so far

    def after(self, paid: Paid, terms: Terms) -> "Estimated":
        """With one day more."""
        return Estimated(self.kept_usd + terms.kept_share * paid.served_estimate_usd, terms.token_ratio)


def day_money(paid: Paid, terms: Terms, before: Estimated) -> DayMoney:
    """baseline = kept_share x (served estimate x token_ratio + handed back); each part rounded to a micro-dollar.

    correction = (token_ratio - that of the day before) x what was estimated until then: after each day the whole is
    booked at the ratio known then, and no booked row is changed.
    """
    whole = paid.served_estimate_usd * terms.token_ratio + paid.handed_back_usd
    return DayMoney(
        micros(terms.kept_share * whole),
        micros((terms.token_ratio - before.ratio) * before.kept_usd),
        micros(paid.handed_back_usd),
        micros(paid.audit_usd),
        micros(terms.serving_usd),
        micros(terms.operations_usd),
    )


def micros(usd: Decimal) -> int:
    """USD as whole micro-dollars, half to even."""
    return int((usd * MICROS).quantize(Decimal(1), ROUND_HALF_EVEN))


@dataclass(frozen=True)
class OneOff:
    """What was paid once for a student [integer micro-dollars]."""

    training_micros: int
    teacher_micros: int
    engineering_micros: int

    @property
    def total_micros(self) -> int:
        """All of it."""
        return self.training_micros + self.teacher_micros + self.engineering_micros


class Range(NamedTuple):
    """A sum with its 90 % range [USD]."""

    value: float
    low: float
    high: float


def with_range(value: float, deviations: Sequence[tuple[float, float]]) -> Range:
    """A sum whose independent parts may be lower or higher by so much each: deviations add as squares.

    >>> with_range(10.0, [(3.0, 3.0), (4.0, 0.0)])
    Range(value=10.0, low=5.0, high=13.0)
    """
    below, above = (math.sqrt(sum(one[side] ** 2 for one in deviations)) for side in (0, 1))
    return Range(value, value - below, value + above)

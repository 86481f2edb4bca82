"""What one day of a student saved, in whole micro-dollars, so that a ledger adds up and is verified to the last one.

Saving = what the day's calls would have cost on the cheapest API configuration that passes, at the price in force that
day, less what was paid for calls handed back, audits, machines and operations. A call that a student served has no
bill: its tokens are estimated, and the estimate is corrected by what audits of like calls were billed.
"""

import math
from collections.abc import Iterable, Sequence
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


@dataclass
class Bills:
    """Sums over priced audits, each by w = 1 / propensity; exact where money is booked by them."""

    audits: int = 0
    billed_usd: Decimal = Decimal(0)
    estimated_usd: Decimal = Decimal(0)
    squares: tuple[float, float, float] = (0.0, 0.0, 0.0)  # of w billed, w billed x w estimated, of w estimated

    def add(self, audits: Iterable[PricedAudit]) -> None:
        """Some audits more."""
        for one in audits:
            weight = 1 / Decimal(str(one.propensity))
            billed, estimated = weight * one.billed_usd, weight * one.estimated_usd
            self.audits += 1
            self.billed_usd += billed
            self.estimated_usd += estimated
            b, e = float(billed), float(estimated)
            self.squares = (self.squares[0] + b * b, self.squares[1] + b * e, self.squares[2] + e * e)

    def ratio(self) -> TokenRatio:
        """Sum of bills over sum of estimates; 1 with fewer than 30 priced audits.

        Standard error by linearisation (Cochran 1977, 6.4): sqrt(sum (w (billed - R estimated))^2) / sum w estimated.
        """
        if self.audits < LEAST_PRICED_AUDITS or not self.estimated_usd:
            return TokenRatio(Decimal(1), None, self.audits)
        ratio = (self.billed_usd / self.estimated_usd).quantize(RATIO_STEP, ROUND_HALF_EVEN)
        r, (bb, be, ee) = float(ratio), self.squares
        left = max(0.0, bb - 2 * r * be + r * r * ee)
        return TokenRatio(ratio, math.sqrt(left) / float(self.estimated_usd), self.audits)


def token_ratio(audits: Iterable[PricedAudit]) -> TokenRatio:
    """The ratio of these audits."""
    bills = Bills()
    bills.add(audits)
    return bills.ratio()


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

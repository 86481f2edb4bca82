"""The gate: is it shown that a student is not worse than it may be? Pure: counts in, a verdict with reasons out.

A check passes when its whole interval is on the good side of its bound, and fails when its whole interval, or with
enough rows its value, is on the bad side. Anything else is null: too few rows to say, which is never a pass. All
checks must pass, so their number costs no level; candidates that were tried on the same rows do (Bonferroni).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics.statistics import clopper_pearson_upper
from pipeline.contracts import Gate
from pipeline.evaluation.paired import Pairs, effective_rows, normal_point, pairs, rows_to_show, tango


@dataclass(frozen=True)
class Check:
    """One claim and what the rows say of it."""

    name: str
    passed: bool | None  # None: too few rows to say
    value: float | None
    low: float | None
    high: float | None
    bound: float  # the value must be above it
    n: int
    why: str


@dataclass(frozen=True)
class GateResult:
    """The verdict: passed when every check is, failed when one is, else null."""

    passed: bool | None
    checks: list[Check]
    margin: float
    least_rows: int
    level: float  # one-sided, of each candidate
    candidates: int
    judged_on: str

    @property
    def sentence(self) -> str:
        """The verdict in words."""
        verdict = {True: "passes the gate", False: "fails the gate", None: "cannot be judged by the gate yet"}
        deciding = [check.why for check in self.checks if check.passed is not True] or ["every check passed"]
        return f"{verdict[self.passed]} ({'; '.join(deciding)})"


def verdict(rule: Gate, checks: Sequence[Check], judged_on: str) -> GateResult:
    """All checks together; no checks is nothing shown."""
    found = [check.passed for check in checks]
    passed = False if False in found else None if None in found or not found else True
    return GateResult(passed, list(checks), rule.margin, rule.least_rows, level_of(rule), rule.candidates, judged_on)


def level_of(rule: Gate) -> float:
    """One-sided level of one candidate: the chance of any false pass stays at the rule's level (Bonferroni)."""
    return rule.level / rule.candidates


def not_below(name: str, student: Sequence[bool], other: Sequence[bool], groups: Sequence[int], rule: Gate) -> Check:
    """The student is right at most ``margin`` less often than another on the same rows.

    Tango's score interval at the independent rows that these are worth (Kish): near-duplicates count once.
    """
    counts, worth, bound = pairs(student, other), effective_rows(groups), -rule.margin
    if not counts.n:
        return Check(name, None, None, None, None, bound, 0, "no rows to compare on")
    between = tango(counts.worth(worth), normal_point(level_of(rule)))
    assert between is not None
    passed = decided(between.value, between.low, between.high, bound, worth, rule.least_rows)
    why = _why_paired(name, passed, between.value, between.low, counts, worth, rule)
    return Check(name, passed, between.value, between.low, between.high, bound, len(student), why)


def share_above(name: str, successes: int, n: int, bound: float, rule: Gate) -> Check:
    """A share is above ``bound``: exact limits (Clopper and Pearson 1934), each row one call as traffic brings it."""
    if not n:
        return Check(name, None, None, None, None, bound, 0, "no rows to compare on")
    level = level_of(rule)
    value = successes / n
    low, high = 1 - clopper_pearson_upper(n - successes, n, level), clopper_pearson_upper(successes, n, level)
    passed = decided(value, low, high, bound, n, rule.least_rows)
    said = f"{value:.1%} of {n:,} (at least {low:.1%} shown)"
    return Check(name, passed, value, low, high, bound, n, f"{name}: {said}; {_needed(passed, bound, n, rule)}")


def decided(value: float, low: float, high: float, bound: float, rows: float, least_rows: int) -> bool | None:
    """Above the bound, below it, or too few rows to say.

    >>> decided(0.99, 0.97, 1.0, 0.96, 500, 200), decided(0.97, 0.94, 0.99, 0.96, 500, 200)
    (True, None)
    >>> decided(0.95, 0.92, 0.98, 0.96, 500, 200), decided(0.95, 0.92, 0.98, 0.96, 100, 200)
    (False, None)
    """
    if high < bound or (rows >= least_rows and value < bound):
        return False
    return True if low > bound and rows >= least_rows else None


def _needed(passed: bool | None, bound: float, rows: float, rule: Gate) -> str:
    if passed is None and rows < rule.least_rows:
        return f"at least {rule.least_rows} independent rows are needed, there are {rows:.0f}"
    states = {True: "above", False: "not above", None: "not yet shown to be above"}
    return f"{states[passed]} {bound:.1%}"


def _why_paired(
    name: str, passed: bool | None, value: float, low: float, counts: Pairs, worth: float, rule: Gate
) -> str:
    said = f"{name}: {100 * value:+.1f} points on {counts.n:,.0f} rows (at worst {100 * low:+.1f})"
    if passed is not None or worth < rule.least_rows:
        return f"{said}; {_needed(passed, -rule.margin, worth, rule)}"
    discordant = max(counts.only_first + counts.only_second, 1.0) / counts.n
    more = rows_to_show(discordant, rule.margin, value, level_of(rule))
    hint = f"; about {more:,} independent rows would show it" if more else ""
    return f"{said}; {_needed(passed, -rule.margin, worth, rule)}{hint}"

"""A student's quality day by day: evidence starts anew whenever the rule that decides what is served changes."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from analytics.contracts import Interval
from analytics.production.evidence import (
    CUSUM_START,
    Audit,
    Cusum,
    counted,
    cusum_step,
    e_value_above,
    error_interval,
    threshold,
)
from analytics.production.rows import StoredAudit

Rule = tuple[float | None, float | None, int]  # threshold, cut-off of unfamiliar inputs, times it was put back to work


@dataclass
class Evidence:
    """What is known of one rule so far."""

    since: date
    audits: list[Audit] = field(default_factory=list)
    cusum: Cusum = CUSUM_START
    e_value: float = 1.0  # evidence that errors are above the promise
    highest_e_value: float = 1.0
    highest_cusum: float = 0.0
    risen_on: list[date] = field(default_factory=list)  # day on which the present rise of each alternative began

    @property
    def changed_on(self) -> date:
        """Since when errors look higher, by the alternative that speaks loudest."""
        wealth = self.cusum.wealth
        return self.risen_on[wealth.index(max(wealth))] if self.risen_on else self.since

    def add(self, day: date, audits: Sequence[Audit], promised: float) -> None:
        """One day more."""
        self.audits += audits
        earlier = self.risen_on or [day] * len(self.cusum.wealth)
        self.risen_on = [day if one <= 0 else was for one, was in zip(self.cusum.wealth, earlier, strict=True)]
        self.cusum = cusum_step(self.cusum, counted(audits), promised)
        self.e_value = e_value_above(counted(self.audits), promised)
        self.highest_e_value = max(self.highest_e_value, self.e_value)
        self.highest_cusum = max(self.highest_cusum, self.cusum.value)

    def is_alarm(self, delta: float) -> bool:
        """Whether either alarm has ever rung under this rule."""
        return self.highest_e_value >= 1 / delta or self.highest_cusum >= threshold()


@dataclass(frozen=True)
class DayQuality:
    """One day as it was seen at its end."""

    day: date
    audited: int  # with an answer
    unanswered: int
    disagreements: int
    error: Interval | None  # under the rule in force since it began
    e_value: float
    cusum: float


@dataclass(frozen=True)
class Quality:
    """All days, and what counts now."""

    days: tuple[DayQuality, ...]
    now: Evidence | None  # of the rule in force; None before the first audit


def quality(
    audits: Iterable[StoredAudit], days: Iterable[date], rule_of: Callable[[StoredAudit], Rule], promised: float
) -> Quality:
    """Day by day, oldest first. promised: error rate of served answers [share].

    A day counts under the rule that most of its last audits were given under; audits of an earlier rule that are
    answered late are evidence of that rule.
    """
    by_day: dict[date, list[StoredAudit]] = defaultdict(list)
    for audit in audits:
        by_day[audit.day].append(audit)
    rules: dict[Rule, Evidence] = {}
    current: Rule | None = None
    found = []
    for day in sorted({*days, *by_day}):
        asked = by_day.get(day, [])
        for rule, group in _by_rule(asked, rule_of).items():
            rules.setdefault(rule, Evidence(day)).add(day, [one.evidence for one in group if one.evidence], promised)
        if asked:
            current = rule_of(asked[-1])
        found.append(_day(day, asked, rules[current] if current else None))
    return Quality(tuple(found), rules[current] if current else None)


def by_month(audits: Iterable[StoredAudit], delta: float = 0.05) -> Mapping[str, Interval | None]:
    """Error rate of each month by itself, whatever rules were in force: the sequence starts anew each month."""
    months: dict[str, list[Audit]] = defaultdict(list)
    for one in audits:
        if one.evidence:
            months[f"{one.day:%Y-%m}"].append(one.evidence)
    return {month: error_interval(found, f"{month}-01", delta) for month, found in months.items()}


def _by_rule(audits: Iterable[StoredAudit], rule_of: Callable[[StoredAudit], Rule]) -> Mapping[Rule, list[StoredAudit]]:
    found: dict[Rule, list[StoredAudit]] = defaultdict(list)
    for audit in audits:
        found[rule_of(audit)].append(audit)
    return found


def _day(day: date, asked: Sequence[StoredAudit], now: Evidence | None) -> DayQuality:
    known = [one.evidence for one in asked if one.evidence]
    error = error_interval(now.audits, now.since.isoformat()) if now else None
    return DayQuality(
        day, len(known), len(asked) - len(known), sum(one.is_wrong for one in known), error,
        now.e_value if now else 1.0, now.cusum.value if now else 0.0,
    )  # fmt: skip

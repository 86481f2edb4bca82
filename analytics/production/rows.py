"""Routed traffic as the ledger reads it: days and audits of each student, from committed segments."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from analytics.production.drift import Window
from analytics.production.evidence import Audit
from analytics.production.judged_error import Judged, Served
from analytics.production.money import Paid, PricedAudit
from analytics.store import Store

SAMPLE_CALLS = 2_000  # of each window that drift tests compare
REFERENCE_DAYS, RECENT_DAYS = 28, 7


@dataclass(frozen=True)
class TrafficDay:
    """One UTC day of one student."""

    student_id: str
    day: date
    task_id: str | None
    calls: int
    served: int
    escalated: int
    served_estimate_usd: Decimal
    handed_back_usd: Decimal
    unpriced: int  # calls whose price or tokens are unknown: in no sum
    student_ms_p50: float | None
    doubt_sum: float
    doubt_squares: float
    fingerprint: str  # of the set of calls

    def paid(self, audits: Iterable["StoredAudit"]) -> Paid:
        """What the day cost, with the audits that were answered on it."""
        asked = (one.cost_usd for one in audits if one.cost_usd is not None)
        return Paid(self.served_estimate_usd, self.handed_back_usd, sum(asked, Decimal(0)))


@dataclass(frozen=True)
class StoredAudit:
    """One audit as it was written down."""

    audit_id: str
    call_id: str
    student_id: str
    policy_id: str | None
    audited_at: datetime
    day: date
    agrees: bool | None
    propensity: float
    least_propensity: float
    cluster: str | None
    cost_usd: Decimal | None
    estimated_usd: Decimal | None
    confidence: float | None

    @property
    def evidence(self) -> Audit | None:
        """What it says of quality; None where the teacher gave no answer, which is taken to be chance."""
        if self.agrees is None:
            return None
        return Audit(self.least_propensity / self.propensity, not self.agrees, self.propensity)

    @property
    def bills(self) -> PricedAudit | None:
        """Both bills of the call, where both are known."""
        if self.cost_usd is None or not self.estimated_usd:
            return None
        return PricedAudit(self.cost_usd, self.estimated_usd, self.propensity)

    @property
    def judged(self) -> Judged | None:
        """The audit beside the student's doubt."""
        if self.agrees is None or self.confidence is None:
            return None
        return Judged(self.propensity, not self.agrees, 1 - self.confidence)


def traffic_days(store: Store, audits: Mapping[str, list["StoredAudit"]]) -> dict[str, list[TrafficDay]]:
    """By student, every UTC day from its first call to its last call or audit; a day without calls has zeros."""
    found: dict[str, list[TrafficDay]] = defaultdict(list)
    for row in store.rows("list_production_days"):
        found[row["student_id"]].append(TrafficDay(**row))
    return {name: _whole(days, [audit.day for audit in audits.get(name, [])]) for name, days in found.items()}


def stored_audits(store: Store) -> dict[str, list[StoredAudit]]:
    """By student, oldest first."""
    found: dict[str, list[StoredAudit]] = defaultdict(list)
    for row in store.rows("list_production_audits"):
        found[row["student_id"]].append(StoredAudit(**row))
    return dict(found)


def drift_windows(store: Store, student_id: str, days: list[TrafficDay]) -> tuple[Window, Window] | None:
    """The first four weeks of service and the last one; None while they overlap."""
    first, last = days[0].day, days[-1].day
    recent = last - timedelta(days=RECENT_DAYS - 1)
    until = min(first + timedelta(days=REFERENCE_DAYS), recent)
    if (until - first).days < RECENT_DAYS:
        return None
    spans = ((first, until), (recent, last + timedelta(days=1)))
    before, now = (_window(store, student_id, *span) for span in spans)
    return before, now


def served_so_far(days: Iterable[TrafficDay]) -> Served:
    """All served answers of these days as the student's doubt sees them."""
    kept = list(days)
    return Served(
        sum(day.served for day in kept), sum(day.doubt_sum for day in kept), sum(day.doubt_squares for day in kept)
    )


def _whole(days: list[TrafficDay], audited: list[date]) -> list[TrafficDay]:
    known: Mapping[date, TrafficDay] = {day.day: day for day in days}
    first, last = days[0], max([days[-1].day, *audited])
    every = (first.day + timedelta(days=step) for step in range((last - first.day).days + 1))
    return [known.get(day) or _empty(first, day) for day in every]


def _empty(like: TrafficDay, day: date) -> TrafficDay:
    nothing: dict[str, Any] = dict.fromkeys(("calls", "served", "escalated", "unpriced"), 0)
    nothing |= dict.fromkeys(("served_estimate_usd", "handed_back_usd"), Decimal(0))
    nothing |= {"student_ms_p50": None, "doubt_sum": 0.0, "doubt_squares": 0.0, "fingerprint": "0"}
    return TrafficDay(like.student_id, day, like.task_id, **nothing)


def _window(store: Store, student_id: str, start: date, stop: date) -> Window:
    span = {"start": start.isoformat(), "stop": stop.isoformat()}
    rows = store.rows("sample_production", student_id=student_id, rows=SAMPLE_CALLS, **span)
    columns = ("input_characters", "cluster", "ood_score", "output_text", "confidence")
    return Window(*([row[name] for row in rows if row[name] is not None] for name in columns))

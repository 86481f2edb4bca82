"""Half a year of a student at work, many times over: does the ledger book what is true, and does the alarm ring?

    python -m benchmarks.hybrid_simulation [--seeds 100] [--first-seed 0] [--calls 3000]

Each seed has a drift, an outage, a price cut and a bad student (benchmarks/hybrid_world.py). Evidence, alarms, what is
done on them, token correction and money are the ledger's own functions, looked at once a day. One JSON document.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from analytics.production.drift import Window, drift_tests
from analytics.production.money import Bills, Estimated, Paid, Terms, day_money
from analytics.production.quality import Evidence
from analytics.production.rows import StoredAudit
from analytics.statistics import wilson
from benchmarks.hybrid_world import DAYS, Calls, Scenario, Student, day_of
from pipeline.alarms import AUDITS_TIMES, MOST_AUDITED, stricter_threshold
from pipeline.router.policy import Policy

START = date(2026, 1, 5)
FIRST, NEXT, BAD = Student("first"), Student("next", knows_drift=True), Student("bad", 0.09, knows_drift=True)
REBUILD_DAYS = 14  # from a fall back until the next student serves
SERVING_USD, OPERATIONS_USD = Decimal("4.8"), Decimal("49.342105")
NOTHING = Decimal(0)


@dataclass
class Half:
    """What one seed has seen so far."""

    scenario: Scenario
    student: Student | None = FIRST
    policy: Policy = field(default_factory=lambda: Policy("first", "task", 0.8, 9.0, 0.05, 0.05, 0.02, 0.1))
    evidence: Evidence = field(default_factory=lambda: Evidence(START))
    audits: list[StoredAudit] = field(default_factory=list)
    estimated: dict[str, Estimated] = field(default_factory=lambda: defaultdict(Estimated))
    bills: dict[str, Bills] = field(default_factory=lambda: defaultdict(Bills))
    seen: list[Calls] = field(default_factory=list)  # of the present student, for drift
    back_on: int | None = None
    booked_usd: float = 0.0
    true_usd: float = 0.0
    served: int = 0
    wrong: int = 0
    served_over: int = 0  # answers given while their true error was over the promise
    good_days: int = 0  # days on which the served error was within the promise
    false_alarms: int = 0
    more_audits: int = 0
    log: dict[str, Any] = field(default_factory=dict)


def main() -> None:
    """All seeds, as one document."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--calls", type=int, default=3_000, help="on a weekday")
    given = parser.parse_args()
    halves = [simulate(seed, given.calls) for seed in range(given.first_seed, given.first_seed + given.seeds)]
    sys.stdout.write(json.dumps(summary(halves, given), indent=1) + "\n")


def simulate(seed: int, calls: int) -> Half:
    """One half year."""
    half = Half(Scenario.of(seed))
    for day in range(DAYS):
        _promotions(half, day)
        if half.student is not None:
            _serve(half, day_of(half.scenario, half.student, day, calls), day)
            _look(half, day)
    return half


def _promotions(half: Half, day: int) -> None:
    if half.student is None and half.back_on is not None and day >= half.back_on:
        _promote(half, NEXT, day, "tighten")
    if day == half.scenario.bad_day:
        _promote(half, BAD, day, "roll-back")
        half.log["bad_from"] = day


def _promote(half: Half, student: Student, day: int, on_alarm: Any) -> None:
    half.student, half.back_on, half.seen = student, None, []
    half.policy = Policy(student.name, "task", 0.8, 9.0, 0.05, 0.05, 0.02, 0.1, on_alarm=on_alarm)
    half.evidence, half.audits = Evidence(START + timedelta(days=day)), []


def _serve(half: Half, calls: Calls, day: int) -> None:
    """A day of traffic: who answers, who is audited, what is booked, and what is true."""
    draw, policy, outage = np.random.default_rng([half.scenario.seed, day, 99]), half.policy, _is_out(half, day)
    served = calls.confidence >= (policy.threshold or 0.0)
    chance = np.where(calls.is_rare, policy.rare_audit_share, policy.audit_share)
    drawn = np.flatnonzero(served & (draw.random(len(served)) < chance))
    asked = [_audit(half, calls, int(at), float(chance[at]), policy.audit_share, day, outage) for at in drawn]
    half.audits += asked
    half.evidence.add(START + timedelta(days=day), [one.evidence for one in asked if one.evidence], policy.alpha)
    half.bills[policy.student_id].add(one.bills for one in asked if one.bills)
    back_usd = 0.0 if outage else float(calls.bill_usd[~served].sum())  # what is not answered is not billed
    audit_usd = sum((one.cost_usd for one in asked if one.cost_usd), NOTHING)
    paid = Paid(_exact(calls.estimate_usd[served].sum()), _exact(back_usd), audit_usd)
    terms = Terms(Decimal(1), half.bills[policy.student_id].ratio().value, SERVING_USD, OPERATIONS_USD)
    half.booked_usd += day_money(paid, terms, half.estimated[policy.student_id]).saving_micros / 1e6
    half.estimated[policy.student_id] = half.estimated[policy.student_id].after(paid, terms)
    half.true_usd += float(calls.bill_usd[served].sum()) - float(audit_usd + SERVING_USD + OPERATIONS_USD)
    error = float(calls.wrong_chance[served].mean()) if served.any() else 0.0
    half.served, half.wrong = half.served + int(served.sum()), half.wrong + int(calls.is_wrong[served].sum())
    half.served_over += int(served.sum()) if error > policy.alpha else 0
    half.good_days += error <= policy.alpha
    half.log["error"] = error
    half.seen.append(calls)


def _audit(half: Half, calls: Calls, at: int, chance: float, least: float, day: int, outage: bool) -> StoredAudit:
    when = datetime(START.year, START.month, START.day, 12, tzinfo=UTC) + timedelta(days=day)
    bill = None if outage else _exact(calls.bill_usd[at])
    agrees = None if outage else not calls.is_wrong[at]
    return StoredAudit(
        f"{day}-{at}", f"{day}-{at}", half.policy.student_id, None, when, when.date(), agrees, chance, least, None,
        bill, _exact(calls.estimate_usd[at]), float(calls.confidence[at]),
    )  # fmt: skip


def _look(half: Half, day: int) -> None:
    """The daily look: an alarm is acted on, drift asks for more audits."""
    if half.evidence.is_alarm(half.policy.delta):
        _ring(half, day)
    elif day % 7 == 6 and len(half.seen) >= 14 and half.policy.audit_share < 0.05:
        tests = drift_tests(_window(half.seen[:7]), _window(half.seen[-7:]))
        if any(test.triggered for test in tests):
            half.more_audits += 1
            shares = (
                min(MOST_AUDITED, AUDITS_TIMES * one) for one in (half.policy.audit_share, half.policy.rare_audit_share)
            )
            half.policy = replace(half.policy, **dict(zip(("audit_share", "rare_audit_share"), shares, strict=True)))


def _ring(half: Half, day: int) -> None:
    assert half.student is not None
    if half.log["error"] <= half.policy.alpha:
        half.false_alarms += 1
    elif half.student is BAD:
        half.log.setdefault("bad_found", day)
    elif day >= half.scenario.drift_day and half.student is FIRST:
        half.log.setdefault("drift_found", day)
    if half.policy.on_alarm == "roll-back":
        _promote(half, NEXT, day, "tighten")
        return
    stricter = stricter_threshold([one for one in half.audits if one.day >= half.evidence.changed_on], half.policy)
    if stricter is None:
        half.student, half.back_on = None, day + REBUILD_DAYS
    else:
        half.policy, half.evidence = replace(half.policy, threshold=stricter), Evidence(START + timedelta(days=day))


def _window(days: Sequence[Calls]) -> Window:
    chosen = [
        np.concatenate([getattr(one, name) for one in days])[:2_000] for name in ("characters", "novelty", "confidence")
    ]
    return Window(chosen[0].tolist(), [], chosen[1].tolist(), [], chosen[2].tolist())


def _is_out(half: Half, day: int) -> bool:
    return half.scenario.outage_day <= day < half.scenario.outage_day + 2


def _exact(usd: Any) -> Decimal:
    return Decimal(str(round(float(usd), 9)))


def summary(halves: Sequence[Half], given: argparse.Namespace) -> dict[str, Any]:
    """Delays in days, rates with their Wilson intervals, money as shares of the true saving."""
    drift = [_delay(half, "drift_found", half.scenario.drift_day) for half in halves]
    bad = [_delay(half, "bad_found", half.scenario.bad_day) for half in halves]
    misses = [half.booked_usd / half.true_usd - 1 for half in halves]
    alarms, days = sum(half.false_alarms for half in halves), sum(half.good_days for half in halves)
    served = sum(half.served for half in halves)
    kept = wilson(sum(abs(miss) <= 0.02 for miss in misses), len(misses))
    return {
        "seeds": [given.first_seed, given.first_seed + given.seeds - 1], "days": DAYS, "calls_a_weekday": given.calls,
        "drift_delay_days": _spread(drift), "bad_student_delay_days": _spread(bad),
        "false_alarms": alarms, "good_days": days, "false_alarms_per_student_year": alarms / days * 365,
        "booked_saving_error": {
            "mean": float(np.mean(misses)), "median_absolute": float(np.median(np.abs(misses))),
            "p95_absolute": float(np.quantile(np.abs(misses), 0.95)), "largest": float(np.max(np.abs(misses))),
            "within_2_percent": [kept.value, kept.low, kept.high] if kept else None,
        },
        "served": served, "served_error": sum(half.wrong for half in halves) / served,
        "served_while_over_the_promise": sum(half.served_over for half in halves) / served,
        "halves_over_the_promise": sum(half.wrong > half.policy.alpha * half.served for half in halves),
        "raised_audits": sum(half.more_audits for half in halves),
    }  # fmt: skip


def _delay(half: Half, found: str, since: int) -> int | None:
    return half.log[found] - since + 1 if found in half.log else None


def _spread(delays: Sequence[int | None]) -> dict[str, Any]:
    known = [delay for delay in delays if delay is not None]
    cut = {f"p{share}": float(np.percentile(known, share)) for share in (10, 50, 90, 100)} if known else {}
    return {**cut, "found": len(known), "of": len(delays)}


if __name__ == "__main__":
    main()

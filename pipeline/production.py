"""Students at work as the dashboard and ``ledger show`` tell it: quality, money, alarms, drift and the forecast."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal

from analytics.contracts import Interval
from analytics.production.evidence import smallest_detectable_rise, threshold
from analytics.production.judged_error import judged_error
from analytics.production.money import LEAST_PRICED_AUDITS, with_range
from analytics.production.quality import DayQuality, by_month
from analytics.production.rows import served_so_far
from analytics.reports import present
from analytics.workspace import Workspace
from pipeline import failures
from pipeline.failure_labels import newest_labels
from pipeline.ledger_forecast import against_forecast
from pipeline.ledger_student import Day, Student, read_students
from pipeline.ledger_terms import engineering_range, operations_range

Status = Literal["ok", "watch", "alarm"]
RECENT_DAYS = 28  # that the present audit rate is read from
COVERS_MONEY = "90% range over token estimates, operations and engineering; prices as they were in force"


def production(workspace: Workspace, student_id: str | None = None) -> list[dict[str, Any]]:
    """One document a student that ever served, in the order in which they began."""
    found = read_students(workspace, student_id)
    audited = _audit_failures(workspace) if found else {}
    return [_document(workspace, student, audited) for student in found]


def _audit_failures(workspace: Workspace) -> dict[str, dict[str, str]]:
    """By student and call, the failure that an audit wrote down; not read before somebody has labelled one."""
    by_student: dict[str, dict[str, str]] = {}
    if not newest_labels(workspace):
        return by_student
    for row in failures.queue(workspace, reason="audit", unlabelled=False, limit=None):
        by_student.setdefault(row["student_id"], {})[row["call_id"]] = row["failure_id"]
    return by_student


def _document(workspace: Workspace, student: Student, audited: Mapping[str, dict[str, str]]) -> dict[str, Any]:
    status, reason = status_of(student)
    forecast, miss = against_forecast(workspace, student, audited.get(student.student_id, {}))
    now = student.quality.now
    return {
        "student_id": student.student_id,
        "task_id": student.task_id,
        "task": student.card["task"],
        "state": state_of(student),
        "status": status,
        "reason": reason,
        "promised_error": student.promised,
        "delta": student.delta,
        "days": _days(student),
        "months": _months(student),
        "total": _total(student),
        "one_off_usd": {name.removesuffix("_micros"): amount / 1e6 for name, amount in asdict(student.one_off).items()},
        "e_value": now.e_value if now else None,
        "e_value_alarm": 1 / student.delta,
        "cusum_alarm": threshold(),
        "smallest_detectable_drop": smallest_drop(student),
        "token_ratio": _token_ratio(student),
        "drift": [test._asdict() for test in student.drift],
        "forecast": forecast,
        "miss": miss,
        "events": [asdict(event) for event in student.events],
    }


def state_of(student: Student) -> str:
    """serving, retired, or fallen-back where the teacher answers everything after it."""
    if not student.events:
        return "retired"
    now = student.events[0]
    if now.student_id == student.student_id:
        return "serving"
    last = next((one.student_id for one in student.events if one.student_id), None)
    return "fallen-back" if now.student_id is None and last == student.student_id else "retired"


def status_of(student: Student) -> tuple[Status, str]:
    """Whether an alarm rang under the rule in force, or something is worth watching, and why."""
    now, promised = student.quality.now, student.promised
    if now is None:
        return "ok", "no audited answer yet"
    if now.highest_e_value >= 1 / student.delta:
        return (
            "alarm",
            f"error above the promised {promised:.1%}: e-value {present.evidence(now.highest_e_value)}, "
            f"alarm at {1 / student.delta:,.0f}",
        )
    if now.highest_cusum >= threshold():
        return (
            "alarm",
            f"error rose above the promised {promised:.1%}: CUSUM {now.highest_cusum:.1f} of {threshold():.1f}",
        )
    moved = [test.test for test in student.drift if test.triggered]
    if moved:
        return "watch", f"drift of {', '.join(moved)}: more audits are asked for"
    if now.cusum.value >= threshold() / 2:
        return "watch", f"CUSUM {now.cusum.value:.1f} of {threshold():.1f}"
    return "ok", f"nothing speaks for an error above the promised {promised:.1%}"


def smallest_drop(student: Student) -> float | None:
    """Rise of the error rate above the promise that one week at the present audit rate shows [share]."""
    recent = student.days[-RECENT_DAYS:]
    audits = [one.evidence for day in recent for one in day.audits if one.evidence]
    return smallest_detectable_rise(student.promised, audits, len(recent) / 7)


def _days(student: Student) -> list[dict[str, Any]]:
    seen = {one.day: one for one in student.quality.days}
    cumulative, found = -student.one_off.total_micros, []
    for day in student.days:
        cumulative += day.money.saving_micros
        found.append(_day(student, day, seen[day.traffic.day], cumulative))
    return found


def _day(student: Student, day: Day, seen: DayQuality, cumulative_micros: int) -> dict[str, Any]:
    return {
        "day": day.traffic.day,
        **_counts([day]),
        "error": _interval(seen.error),
        "e_value": seen.e_value,
        "cusum": seen.cusum,
        "saving_usd": _saving(student, [day], once=False),
        "cumulative_usd": cumulative_micros / 1e6,
        "is_booked": day.booked is not None,
    }


def _months(student: Student) -> list[dict[str, Any]]:
    errors = by_month(student.audits)
    months: dict[str, list[Day]] = {}
    for day in student.days:
        months.setdefault(f"{day.traffic.day:%Y-%m}", []).append(day)
    return [
        {
            "month": month,
            **_counts(days),
            "error": _interval(errors.get(month)),
            "saving_usd": _saving(student, days, once=False),
        }
        for month, days in months.items()
    ]


def _total(student: Student) -> dict[str, Any]:
    error = student.quality.days[-1].error if student.quality.days else None
    judged = judged_error(
        [one.judged for one in student.audits if one.judged], served_so_far(day.traffic for day in student.days)
    )
    helped = asdict(judged[0]) | {"judge_weight": judged[1]} if judged else None
    return {
        **_counts(student.days),
        "error": _interval(error),
        "error_with_judge": helped,
        "saving_usd": _saving(student, student.days, once=True),
        "unpriced": sum(day.traffic.unpriced for day in student.days),
    }


def _counts(days: Sequence[Day]) -> dict[str, Any]:
    """Calls, and money by part."""
    asked = [one for day in days for one in day.audits]
    money = {
        f"{name}_usd": sum(getattr(day.money, f"{name}_micros") for day in days) / 1e6
        for name in ("baseline", "correction", "handed_back", "audit", "serving", "operations")
    }
    return {
        "served": sum(day.traffic.served for day in days),
        "escalated": sum(day.traffic.escalated for day in days),
        "audited": sum(one.agrees is not None for one in asked),
        "unanswered_audits": sum(one.agrees is None for one in asked),
        "disagreements": sum(one.agrees is False for one in asked),
        **money,
    }


def _saving(student: Student, days: Sequence[Day], *, once: bool) -> dict[str, Any]:
    """With its 90 % range; what was paid once is taken off the whole."""
    value = sum(day.money.saving_micros for day in days) / 1e6
    tokens = (
        sum(float(day.terms.kept_share * day.traffic.served_estimate_usd) for day in days) * days[-1].ratio.half_width
    )
    low, high = operations_range(student.case)
    parts = [(tokens, tokens), (high * len(days), low * len(days))]
    if once:
        value -= student.one_off.total_micros / 1e6
        cheaper, dearer = engineering_range(student.case, student.one_off.engineering_micros / 1e6)
        parts.append((dearer, cheaper))
    return with_range(value, parts)._asdict() | {"covers": COVERS_MONEY}


def _token_ratio(student: Student) -> dict[str, Any]:
    """How far audits correct the tokens that are estimated for served calls."""
    ratio = student.days[-1].ratio
    applied = f"audits' bills over estimates; applied from {LEAST_PRICED_AUDITS} priced audits"
    return {"value": float(ratio.value), "standard_error": ratio.standard_error, "audits": ratio.audits, "is": applied}


def _interval(found: Interval | None) -> dict[str, Any] | None:
    return asdict(found) if found else None

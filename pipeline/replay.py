"""Replay: who would have answered each call of the newest weeks, and what that would have saved.

Only what was known at the time is used: the student and its threshold come from data older than the
first replayed call. Failed calls and calls whose text the log cut stay with the teacher.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analytics.assumptions import Assumptions, defaults
from analytics.contracts import Interval
from analytics.errors import DataMissing, InputError
from analytics.statistics import quantile
from analytics.workspace import Workspace
from pipeline import registry, replay_figures
from pipeline.contracts import Student
from pipeline.loaded import Loaded, Routed, open_student
from pipeline.replay_figures import CallColumns, Money
from pipeline.replay_record import SOURCE, Period, write_decisions, write_ledger
from pipeline.students.parts.steady import steady_sums

BATCH = 2_000
TIMED_CALLS = 200
NOT_COUNTED = "engineering, training and on-call work: the verdict of the task's brief has them"


@dataclass(frozen=True)
class Replay:
    """What ``replay`` prints."""

    student_id: str
    task_id: str
    task: str
    starts_at: datetime
    ends_at: datetime
    calls: int
    student_calls: int
    failed_calls: int  # the teacher gave no answer
    coverage: float
    coverage_interval: Interval | None
    agreement: Interval | None  # on the calls that the student serves
    teacher_cost_usd: float  # of the period
    hybrid_cost_usd: float
    audit_cost_usd: float
    serving_cost_usd: float
    serving_instances: int
    unpriced_calls: int
    net_saving_usd: float  # per month of 30.4 days
    net_saving_interval: Interval | None
    student_ms_p50: float
    student_ms_p95: float
    teacher_ms_p50: float | None
    teacher_ms_p95: float | None
    reasons: dict[str, int]  # why calls went where they went
    decisions_written: int
    ledger_rows_written: int
    assumptions: dict[str, float]
    not_counted: str = NOT_COUNTED

    def as_json(self) -> dict[str, Any]:
        """The documented keys; ``from`` and ``to`` cannot be names in Python."""
        data = asdict(self)
        return {"from": data.pop("starts_at").isoformat(), "to": data.pop("ends_at").isoformat(), **data}


@dataclass(frozen=True)
class Replayed:
    """The calls of the window with where each would have gone, row by row."""

    calls: pa.Table
    routed: list[Routed | None]  # None: the student was not asked
    reasons: list[str]
    columns: CallColumns


def replay_student(workspace: Workspace, student_id: str, assumptions: Assumptions | None = None) -> Replay:
    """Route the task's calls after the calibration window, write decisions and ledger, and sum up."""
    given = assumptions or defaults()
    row = registry.find_student(workspace, student_id)
    card = registry.read_card(row.folder(workspace))
    if row.task_id is None:
        raise InputError(f"student {student_id} was made from pairs: there is no log of its task to replay")
    calls = _later_calls(workspace, row.task_id, card)
    loaded = open_student(workspace, student_id)
    with steady_sums():
        replayed = _route_all(loaded, calls)
    student_ms = _measure_ms(loaded.student, calls["input_text"].drop_null().to_pylist())
    return _sum_up(workspace, card, replayed, student_ms, given)


def _later_calls(workspace: Workspace, task_id: str, card: registry.Card) -> pa.Table:
    """The teacher's calls that are newer than everything the student was made from, its test weeks included."""
    from analytics import api

    seen_until = max((card[name] for name in ("trained_until", "calibrated_until") if card.get(name)), default=None)
    if seen_until is None:
        raise DataMissing(
            f"student {card['student_id']} does not say until when it learned; it cannot be replayed fairly"
        )
    calls = api.task_calls(workspace, task_id)
    by_teacher = calls.filter(pc.not_equal(pc.fill_null(calls["served_by"], "teacher"), "student"))
    cut = pa.scalar(datetime.fromisoformat(seen_until), pa.timestamp("us", tz="UTC"))
    later = by_teacher.filter(pc.greater(by_teacher["requested_at"], cut))
    if not later.num_rows:
        raise DataMissing(f"no call of {card['task']} is newer than {seen_until}, until which the student learned")
    return later


def _route_all(loaded: Loaded, calls: pa.Table) -> Replayed:
    texts = calls["input_text"].to_pylist()
    refused = _not_for_students(calls)
    asked = sorted({text for text, why in zip(texts, refused, strict=True) if why is None})
    answered: dict[str, Routed] = {}
    for start in range(0, len(asked), BATCH):
        answered.update(zip(asked[start : start + BATCH], loaded.route(asked[start : start + BATCH]), strict=True))
    routed = [answered[text] if why is None else None for text, why in zip(texts, refused, strict=True)]
    reasons = [why or (one.reason if one else "") for why, one in zip(refused, routed, strict=True)]
    return Replayed(calls, routed, reasons, _columns(loaded, calls, routed))


def _not_for_students(calls: pa.Table) -> list[str | None]:
    """Why a call cannot be judged and so stays with the teacher; None for all others."""
    return [
        "call-failed" if status != "success" else "input-cut" if cut else "no-text" if not (text and answer) else None
        for status, cut, text, answer in zip(
            *(calls[name].to_pylist() for name in ("status", "is_truncated", "input_text", "output_text")), strict=True
        )
    ]


def _columns(loaded: Loaded, calls: pa.Table, routed: Sequence[Routed | None]) -> CallColumns:
    served = [one is not None and one.route == "student" for one in routed]
    outputs = loaded.plain_answers([answer or "" for answer in calls["output_text"].to_pylist()])
    agrees = [one is not None and one.answer.output == said for one, said in zip(routed, outputs, strict=True)]
    cost_usd = pc.cast(calls["cost_usd"], pa.float64()).to_pylist()
    return CallColumns(
        at_s=np.array([at.timestamp() for at in calls["requested_at"].to_pylist()], dtype=np.float64),
        weight=np.array([1.0 if weight is None else weight for weight in calls["weight"].to_pylist()]),
        cost_usd=np.array([np.nan if cost is None else cost for cost in cost_usd], dtype=np.float64),
        is_served=np.array(served, dtype=np.bool_),
        is_comparable=np.array([one is not None for one in routed], dtype=np.bool_),
        agrees=np.array(agrees, dtype=np.bool_),
    )


def _measure_ms(student: Student, texts: Sequence[str]) -> list[float]:
    """Duration of single calls [ms], over texts spread evenly across the window."""
    step = max(1, len(texts) // TIMED_CALLS)
    taken_ms = []
    for text in texts[::step][:TIMED_CALLS]:
        began_s = time.perf_counter()
        student.answer([text])
        taken_ms.append((time.perf_counter() - began_s) * 1000)
    return taken_ms


def _teacher_ms(calls: pa.Table) -> list[float]:
    answered = calls.filter(pc.equal(calls["status"], "success"))
    found: list[float] = answered["latency_ms"].drop_null().to_pylist()
    return found


def _sum_up(
    workspace: Workspace, card: registry.Card, replayed: Replayed, student_ms: list[float], given: Assumptions
) -> Replay:
    columns, teacher_ms = replayed.columns, _teacher_ms(replayed.calls)
    student_ms_p50, student_ms_p95 = quantile(student_ms, 0.5) or 0.0, quantile(student_ms, 0.95) or 0.0
    days = replay_figures.period_days(columns)
    machines = replay_figures.serving(columns, days, student_ms_p50, given)
    audit_share = given.value("shadow_share")
    paid = replay_figures.money(columns, days, machines.usd_per_day, audit_share)
    covered = replay_figures.coverage(columns)
    student_id, task_id = card["student_id"], card["task_id"]
    periods = _periods(replayed, paid, machines.usd_per_day, audit_share, (student_ms_p50, quantile(teacher_ms, 0.5)))
    return Replay(
        student_id=student_id,
        task_id=task_id,
        task=card["task"],
        starts_at=datetime.fromtimestamp(columns.at_s[0], UTC),
        ends_at=datetime.fromtimestamp(columns.at_s[-1], UTC),
        calls=len(columns.at_s),
        student_calls=int(columns.is_served.sum()),
        failed_calls=replayed.reasons.count("call-failed"),
        coverage=covered.value if covered else 0.0,
        coverage_interval=covered,
        agreement=replay_figures.agreement(columns),
        teacher_cost_usd=paid.teacher_usd,
        hybrid_cost_usd=paid.hybrid_usd,
        audit_cost_usd=paid.audit_usd,
        serving_cost_usd=paid.serving_usd,
        serving_instances=machines.instances,
        unpriced_calls=int(np.isnan(columns.cost_usd).sum()),
        net_saving_usd=replay_figures.monthly(paid.net_saving_usd, days),
        net_saving_interval=replay_figures.monthly_saving(columns, paid, days, audit_share, int(card["seed"])),
        student_ms_p50=student_ms_p50,
        student_ms_p95=student_ms_p95,
        teacher_ms_p50=quantile(teacher_ms, 0.5),
        teacher_ms_p95=quantile(teacher_ms, 0.95),
        reasons={why: replayed.reasons.count(why) for why in sorted(set(replayed.reasons))},
        decisions_written=write_decisions(workspace, student_id, _decisions(replayed, student_id)),
        ledger_rows_written=write_ledger(workspace, student_id, task_id, periods),
        assumptions={name: given.value(name) for name in ("shadow_share", "cpu_usd_per_hour", "min_replicas")},
    )


def _periods(
    replayed: Replayed, paid: Money, serving_usd_per_day: float, audit_share: float, p50: tuple[float, float | None]
) -> list[Period]:
    """The weeks of the window, each with its share of the serving cost, and the whole window."""
    columns = replayed.columns
    first_s, last_s = float(columns.at_s[0]), float(columns.at_s[-1])
    ends = datetime.fromtimestamp(first_s, UTC), datetime.fromtimestamp(last_s, UTC)
    everything = np.ones(len(columns.at_s), dtype=np.bool_)
    found = [_period("total", *ends, replayed, everything, paid, p50)]
    for monday, rows in replay_figures.weeks(columns):
        days = replay_figures.days_in_week(monday, first_s, last_s)
        part = replay_figures.money(columns.part(rows), days, serving_usd_per_day, audit_share)
        found.append(_period("week", monday, monday + timedelta(days=7), replayed, rows, part, p50))
    return found


def _period(
    scope: str,
    starts_at: datetime,
    ends_at: datetime,
    replayed: Replayed,
    rows: Any,
    paid: Money,
    p50: tuple[float, float | None],
) -> Period:
    part = replayed.columns.part(rows)
    covered = replay_figures.coverage(part)
    detail = {"coverage": covered.value if covered else None, "audit_usd": paid.audit_usd}
    detail |= {"serving_usd": paid.serving_usd, "unpriced_calls": int(np.isnan(part.cost_usd).sum())}
    return Period(
        scope=scope,
        starts_at=starts_at,
        ends_at=ends_at,
        call_ids=replayed.calls["call_id"].filter(pa.array(rows)).to_pylist(),
        student_calls=int(part.is_served.sum()),
        agreement=replay_figures.agreement(part),
        money=paid,
        student_ms_p50=p50[0],
        teacher_ms_p50=p50[1],
        detail=detail,
    )


def _decisions(replayed: Replayed, student_id: str) -> list[dict[str, Any]]:
    """One row per call. The policy draws no lots, so each route was certain: propensity 1."""
    ids, times = (replayed.calls[name].to_pylist() for name in ("call_id", "requested_at"))
    return [
        {
            "call_id": call_id,
            "student_id": student_id,
            "route": one.route if one else "teacher",
            "confidence": one.answer.confidence if one else None,
            "ood_score": one.answer.ood_score if one else None,
            "reason": reason,
            "decided_at": at,
            "source": SOURCE,
            "propensity": 1.0,
        }
        for call_id, at, one, reason in zip(ids, times, replayed.routed, replayed.reasons, strict=True)
    ]

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

from analytics.assumptions import Assumptions
from analytics.contracts import Interval
from analytics.errors import InputError
from analytics.settings import user_assumptions
from analytics.statistics import quantile
from analytics.workspace import Workspace
from pipeline import registry, replay_figures
from pipeline.contracts import Student
from pipeline.loaded import open_student
from pipeline.replay_calls import Replayed, decision_rows, later_calls, route_all
from pipeline.replay_figures import Money
from pipeline.replay_record import Period, write_decisions, write_ledger
from pipeline.students.parts.steady import steady_sums

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


def replay_student(workspace: Workspace, student_id: str, assumptions: Assumptions | None = None) -> Replay:
    """Route the task's calls after the calibration window, write decisions and ledger, and sum up."""
    given = assumptions or user_assumptions(workspace)
    row = registry.find_student(workspace, student_id)
    card = registry.read_card(row.folder(workspace))
    if row.task_id is None:
        raise InputError(f"student {student_id} was made from pairs: there is no log of its task to replay")
    calls = later_calls(workspace, row.task_id, card)
    loaded = open_student(workspace, student_id)
    replayed = route_all(loaded, calls)
    with steady_sums():  # one thread a call, as when one process serves on each vCPU
        student_ms = _measure_ms(loaded.student, calls["input_text"].drop_null().to_pylist())
    return _sum_up(workspace, card, replayed, student_ms, given)


def _measure_ms(student: Student, texts: Sequence[str]) -> list[float]:
    """Duration of single calls [ms], over texts spread evenly across the window."""
    step = max(1, len(texts) // TIMED_CALLS)
    student.answer([*texts[:1]])  # the first call loads what later ones share
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
        decisions_written=write_decisions(workspace, student_id, decision_rows(replayed, student_id)),
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

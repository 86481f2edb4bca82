"""What a replay leaves behind: decisions by call and ledger rows by week, each written once."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from analytics.contracts import Interval
from analytics.record import Record, ledger, segments, utc_now
from analytics.segments import write_segment
from analytics.workspace import Workspace
from pipeline.artifacts import short_hash
from pipeline.replay_figures import Money

SOURCE = "replay"
DECISIONS = pa.schema(
    [
        ("call_id", pa.string()),
        ("student_id", pa.string()),
        ("route", pa.string()),  # student or teacher
        ("confidence", pa.float64()),  # null: the student was not asked
        ("ood_score", pa.float64()),
        ("reason", pa.string()),  # why the call went there
        ("decided_at", pa.timestamp("us", tz="UTC")),  # when the call was made
        ("source", pa.string()),  # replay: nobody was served
        ("propensity", pa.float64()),  # chance that this policy routes the call so
    ]
)


@dataclass(frozen=True)
class Period:
    """One row for the ledger."""

    scope: str  # week or total
    starts_at: datetime
    ends_at: datetime
    call_ids: Sequence[str]
    student_calls: int
    agreement: Interval | None
    money: Money
    student_ms_p50: float | None
    teacher_ms_p50: float | None
    detail: Mapping[str, Any]


def write_decisions(workspace: Workspace, student_id: str, rows: Sequence[Mapping[str, Any]]) -> int:
    """Append the decisions of calls that this student has not been replayed on yet. Returns how many."""
    known = _decided(workspace, student_id)
    fresh = [row for row in rows if row["call_id"] not in known]
    if not fresh:
        return 0
    name = f"replay-{student_id}-{_ids_hash(row['call_id'] for row in fresh)}.parquet"
    segment = write_segment(workspace.decisions, name, pa.Table.from_pylist(fresh, schema=DECISIONS))
    row = {"path": str(segment.path.relative_to(workspace.home)), "kind": "decisions", "sha256": segment.sha256}
    with Record(workspace).write() as connection:
        connection.execute(segments.delete().where(segments.c.path == row["path"]))
        connection.execute(segments.insert().values(**row, rows=segment.rows, created_at=utc_now()))
    return len(fresh)


def _decided(workspace: Workspace, student_id: str) -> set[str]:
    start = f"{workspace.decisions.name}/replay-{student_id}-"
    with Record(workspace).read() as connection:
        query = sa.select(segments.c.path).where(segments.c.kind == "decisions", segments.c.path.startswith(start))
        paths = connection.execute(query).scalars().all()
    found: set[str] = set()
    for path in paths:
        found.update(pq.read_table(workspace.home / path, columns=["call_id"])["call_id"].to_pylist())
    return found


def write_ledger(workspace: Workspace, student_id: str, task_id: str, periods: Iterable[Period]) -> int:
    """Append the periods that the ledger does not hold yet. Returns how many."""
    rows = [_row(student_id, task_id, period) for period in periods]
    with Record(workspace).write() as connection:
        known = set(connection.execute(sa.select(ledger.c.ledger_id)).scalars())
        fresh = [row for row in rows if row["ledger_id"] not in known]
        if fresh:
            connection.execute(ledger.insert(), fresh)
    return len(fresh)


def _row(student_id: str, task_id: str, period: Period) -> dict[str, Any]:
    """A ledger row under a name that says whose period over which calls it is."""
    name = {"student_id": student_id, "source": SOURCE, "scope": period.scope}
    name |= {"from": period.starts_at.isoformat(), "calls": _ids_hash(period.call_ids)}
    agreement = period.agreement
    return {
        "ledger_id": f"ledger_{short_hash(name, 16)}",
        "student_id": student_id,
        "task_id": task_id,
        "source": SOURCE,
        "period_from": period.starts_at.isoformat(),
        "period_to": period.ends_at.isoformat(),
        "calls": len(period.call_ids),
        "student_calls": period.student_calls,
        "agreement": agreement.value if agreement else None,
        "agreement_low": agreement.low if agreement else None,
        "agreement_high": agreement.high if agreement else None,
        "teacher_cost_micros": _micros(period.money.teacher_usd),
        "hybrid_cost_micros": _micros(period.money.hybrid_usd),
        "net_saving_micros": _micros(period.money.net_saving_usd),
        "student_ms_p50": period.student_ms_p50,
        "teacher_ms_p50": period.teacher_ms_p50,
        "detail": json.dumps({"scope": period.scope} | dict(period.detail), sort_keys=True),
        "created_at": utc_now(),
    }


def read_ledger(workspace: Workspace, student_id: str | None = None) -> list[dict[str, Any]]:
    """Ledger rows by student, weeks in order and their total last.

    A later replay over more calls supersedes the earlier row of its period.
    """
    with Record(workspace).read() as connection:
        query = sa.select(ledger).where(ledger.c.source == SOURCE).order_by(ledger.c.created_at)
        if student_id is not None:
            query = query.where(ledger.c.student_id == student_id)
        rows = [_shown(dict(row._mapping)) for row in connection.execute(query)]
    newest = {(row["student_id"], row["source"], row["scope"], row["from"]): row for row in rows}
    return sorted(newest.values(), key=lambda row: (row["student_id"], row["scope"] == "total", row["from"]))


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    same = (
        "ledger_id",
        "student_id",
        "task_id",
        "source",
        "calls",
        "student_calls",
        "student_ms_p50",
        "teacher_ms_p50",
    )
    shown: dict[str, Any] = {name: row[name] for name in same} | json.loads(row["detail"] or "{}")
    shown |= {"from": row["period_from"], "to": row["period_to"], "created_at": row["created_at"]}
    interval = {"value": row["agreement"], "low": row["agreement_low"], "high": row["agreement_high"]}
    shown["agreement"] = None if row["agreement"] is None else interval
    for name in ("teacher_cost", "hybrid_cost", "net_saving"):
        micros = row[f"{name}_micros"]
        shown[f"{name}_usd"] = None if micros is None else micros / 1e6
    return shown


def _micros(usd: float) -> int:
    return round(usd * 1e6)


def _ids_hash(call_ids: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(call_ids).encode()).hexdigest()[:16]

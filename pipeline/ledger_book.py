"""The ledger of students at work: a row a student and day, written once, and verified from raw rows.

A row's name is made of the calls and audits that it is of, so a row that came late gives a new row, which supersedes
the old one, and nothing is overwritten. The terms that a day was booked on stay with it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa

from analytics.production.money import DayMoney, OneOff, Terms
from analytics.record import Record, ledger, segments, utc_now
from analytics.workspace import Workspace
from pipeline.artifacts import file_sha256, short_hash

SOURCE = "production"
TRAFFIC = ("calls", "decisions", "audits", "failures")


@dataclass(frozen=True)
class Entry:
    """One row to book: a day of a student, or what was paid once for it."""

    student_id: str
    task_id: str | None
    scope: str  # day or one-off
    day: date  # of a one-off: its first day of service
    evidence: str  # hash of the calls and audits that it is of
    calls: int
    served: int
    money: DayMoney | OneOff
    detail: Mapping[str, Any]  # terms, counts

    @property
    def ledger_id(self) -> str:
        """A name by what it is of."""
        name = [SOURCE, self.student_id, self.scope, self.day.isoformat(), self.evidence]
        return f"ledger_{short_hash(name, 16)}"


@dataclass(frozen=True)
class Booked:
    """One row as the ledger holds it."""

    ledger_id: str
    student_id: str
    scope: str
    day: date
    calls: int
    served: int
    parts: Mapping[str, int]  # integer micro-dollars by name
    columns: Mapping[str, int | None]  # the sums that stand in columns of their own
    detail: Mapping[str, Any]
    created_at: str

    @property
    def terms(self) -> Terms:
        """What the day rests on besides raw rows."""
        return Terms(**{name: Decimal(text) for name, text in self.detail["terms"].items()})


def booked(workspace: Workspace) -> dict[tuple[str, str, date], Booked]:
    """The newest row of every student, scope and day."""
    if not workspace.control.exists():
        return {}
    with Record(workspace).read() as connection:
        query = sa.select(ledger).where(ledger.c.source == SOURCE).order_by(ledger.c.created_at, sa.text("rowid"))
        rows = [_read(dict(row)) for row in connection.execute(query).mappings()]
    return {(row.student_id, row.scope, row.day): row for row in rows}


def book(workspace: Workspace, entries: Iterable[Entry]) -> int:
    """Append what the ledger does not hold yet. Returns how many rows."""
    wanted = {entry.ledger_id: entry for entry in entries}
    if not wanted:
        return 0
    with Record(workspace).write() as connection:
        known = set(connection.execute(sa.select(ledger.c.ledger_id)).scalars())
        fresh = [_row(entry) for name, entry in wanted.items() if name not in known]
        if fresh:
            connection.execute(ledger.insert(), fresh)
    return len(fresh)


def differences(entry: Entry, row: Booked) -> list[str]:
    """What the booked row says otherwise than raw rows do, in words with both amounts; empty where all is equal."""
    told = _parts(entry.money)
    wrong = [
        f"{name}: booked {row.parts.get(name)}, raw rows give {amount} micro-dollars"
        for name, amount in told.items()
        if row.parts.get(name) != amount
    ]
    wrong += [
        f"{name}: booked {row.columns[name]}, the parts give {amount}"
        for name, amount in _columns(entry.money).items()
        if row.columns[name] != amount
    ]
    counts = (("calls", row.calls, entry.calls), ("served", row.served, entry.served))
    return wrong + [f"{name}: booked {was}, raw rows give {is_}" for name, was, is_ in counts if was != is_]


def damaged_segments(workspace: Workspace) -> list[str]:
    """Committed files of traffic that are gone or not what was committed."""
    with Record(workspace).read() as connection:
        query = sa.select(segments.c.path, segments.c.sha256).where(segments.c.kind.in_(TRAFFIC))
        rows = connection.execute(query.order_by(segments.c.path)).all()
    return [row.path for row in rows if not _is_intact(workspace, row.path, row.sha256)]


def evidence_of(calls: str, audit_ids: Sequence[str]) -> str:
    """One hash of a day's calls and of all audits until its end."""
    return hashlib.sha256("\n".join([calls, *sorted(audit_ids)]).encode()).hexdigest()[:16]


def _is_intact(workspace: Workspace, path: str, sha256: str) -> bool:
    file = workspace.home / path
    return file.exists() and file_sha256(file) == sha256


def _parts(money: DayMoney | OneOff) -> dict[str, int]:
    return {name.removesuffix("_micros"): amount for name, amount in asdict(money).items()}


def _columns(money: DayMoney | OneOff) -> dict[str, int | None]:
    """Baseline, spent and saving; a one-off has no baseline."""
    if isinstance(money, OneOff):
        spent = money.total_micros
        return {"teacher_cost_micros": None, "hybrid_cost_micros": spent, "net_saving_micros": -spent}
    names = ("teacher_cost_micros", "hybrid_cost_micros", "net_saving_micros")
    return dict(
        zip(
            names,
            (money.baseline_micros + money.correction_micros, money.spent_micros, money.saving_micros),
            strict=True,
        )
    )


def _row(entry: Entry) -> dict[str, Any]:
    detail = {"scope": entry.scope, "evidence": entry.evidence, "parts_micros": _parts(entry.money), **entry.detail}
    return {
        "ledger_id": entry.ledger_id,
        "student_id": entry.student_id,
        "task_id": entry.task_id,
        "source": SOURCE,
        "period_from": entry.day.isoformat(),
        "period_to": (entry.day + timedelta(days=1)).isoformat(),
        "calls": entry.calls,
        "student_calls": entry.served,
        **_columns(entry.money),
        "detail": json.dumps(detail, sort_keys=True),
        "created_at": utc_now(),
    }


def _read(row: Mapping[str, Any]) -> Booked:
    detail = json.loads(row["detail"])
    names = ("teacher_cost_micros", "hybrid_cost_micros", "net_saving_micros")
    return Booked(
        row["ledger_id"], row["student_id"], detail["scope"], date.fromisoformat(row["period_from"]), row["calls"],
        row["student_calls"], detail["parts_micros"], {name: row[name] for name in names}, detail, row["created_at"],
    )  # fmt: skip

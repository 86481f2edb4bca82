"""What was imported, what it covers, what has no price, and who did what: what a verdict stands on."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from analytics import record
from analytics.kept_tasks import snapshot_folder
from analytics.privacy.history import is_redacted
from analytics.record import Record
from analytics.store import open_store
from analytics.workspace import Workspace

NEWEST = 200  # entries of the audit log that are read


@dataclass(frozen=True)
class ImportRow:
    """One imported file: rows in = calls + duplicates + quarantined."""

    file: str
    format: str
    sample_rate: float  # share of the calls that the file holds
    rows_in: int
    calls: int
    duplicates: int
    quarantined: int
    is_redacted: bool
    imported_at: str


@dataclass(frozen=True)
class SourceDay:
    """What one source says of one day."""

    source: str
    day: date
    rows: int
    calls: float
    is_sampled: bool


@dataclass(frozen=True)
class ModelCost:
    """One model of the log."""

    model: str | None  # as the source wrote it; None: it names none
    calls: float
    cost_usd: float | None  # of the priced calls; None: none of them is priced
    unpriced_calls: float
    logged_cost_usd: float | None
    first_day: date
    last_day: date


@dataclass(frozen=True)
class AuditEntry:
    """Something that somebody did."""

    at: str
    actor: str
    role: str
    action: str
    subject: str
    reason: str | None
    detail: dict[str, Any] | None


@dataclass(frozen=True)
class DataState:
    """All of it, of one state of the data."""

    imports: list[ImportRow]  # newest first
    days: list[SourceDay]
    models: list[ModelCost]  # without a price first, then dearest first; empty before an analysis
    quarantine: list[tuple[str, int]]  # reason, rows


def data_state(workspace: Workspace) -> DataState:
    """Imports, coverage, models and quarantine. Raises DataMissing where nothing was imported."""
    with open_store(workspace, snapshot_folder(workspace, required=False)) as store:
        days = [SourceDay(row["source"], row["requested_date"], row["rows"], row["calls"], row["sampled_rows"] > 0)
                for row in store.rows("list_source_days")]  # fmt: skip
        models = [ModelCost(row["model"], row["calls"], row["cost_usd"], row["unpriced_calls"], row["logged_cost_usd"],
                            row["first_date"], row["last_date"])
                  for row in store.rows("list_model_costs")]  # fmt: skip
        quarantine = [(row["reason"], row["rows"]) for row in store.rows("count_quarantine_reasons")]
    return DataState(imports(workspace), days, models, quarantine)


def imports(workspace: Workspace) -> list[ImportRow]:
    """Every imported file, newest first."""
    with Record(workspace).read() as connection:
        found = connection.execute(sa.select(record.imports).order_by(record.imports.c.imported_at.desc())).all()
    return [
        ImportRow(row.source_file, row.format, row.sample_rate, row.rows_in, row.calls, row.duplicates,
                  row.quarantined, is_redacted(row.redaction), row.imported_at)
        for row in found
    ]  # fmt: skip


def audit_trail(workspace: Workspace, limit: int = NEWEST) -> list[AuditEntry]:
    """What was done, newest first: launches, promotions, reveals of raw text, each with who and in which role."""
    query = sa.select(record.audit_log).order_by(record.audit_log.c.entry_id.desc()).limit(limit)
    with Record(workspace).read() as connection:
        found = connection.execute(query).all()
    return [
        AuditEntry(row.at, row.actor, row.role, row.action, row.subject, row.reason,
                   json.loads(row.detail) if row.detail else None)
        for row in found
    ]  # fmt: skip

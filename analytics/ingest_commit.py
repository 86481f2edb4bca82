"""The record of imports: what was imported before, and the one transaction that makes new calls count."""

import json
from pathlib import Path

import pyarrow as pa
import sqlalchemy as sa

from analytics import record
from analytics.contracts import QUARANTINE
from analytics.ingest_read import Done
from analytics.ingest_report import FileReport
from analytics.privacy.history import is_redacted
from analytics.privacy.tokens import Privacy
from analytics.read_ahead import hash_file
from analytics.record import Record
from analytics.segments import Segment, write_segment
from analytics.workspace import Workspace

Earlier = dict[int, list[sa.Row[tuple[object, ...]]]]  # imports by the size of what was imported


def earlier_imports(workspace: Workspace) -> Earlier:
    """Every import of a file so far."""
    if not workspace.control.exists():
        return {}
    found: Earlier = {}
    with Record(workspace).read() as connection:
        for row in connection.execute(sa.select(record.imports).where(record.imports.c.bytes > 0)):
            found.setdefault(row.bytes, []).append(row)
    return found


def same_bytes(earlier: Earlier, path: Path) -> sa.Row[tuple[object, ...]] | None:
    """An earlier import of the same bytes. The file is only hashed when one has the same size."""
    same_size = earlier.get(path.stat().st_size)
    if not same_size:
        return None
    content = hash_file(path)
    return next((row for row in same_size if row.content_sha256 == content), None)


def nothing_new(report: FileReport, earlier: sa.Row[tuple[object, ...]], privacy: Privacy) -> FileReport:
    """The same bytes again: each row is either a duplicate of a stored call or in quarantine already."""
    report.format, report.rows_in = earlier.format, earlier.rows_in
    report.duplicates, report.quarantined = earlier.calls + earlier.duplicates, earlier.quarantined
    if privacy.redacts and not is_redacted(earlier.redaction):
        report.notes.append("stored before without redaction, and so it stays; import it into a new workspace")
    return report


def commit(workspace: Workspace, done: list[Done], segments: list[Segment]) -> None:
    """One transaction: either all of these inputs count, or none."""
    import_id, now = done[0].import_id, record.utc_now()
    written = [("calls", segment) for segment in segments]
    rows = [
        {"source_file": each.report.file, "source_line": row.line, "reason": row.reason, "excerpt": row.excerpt}
        for each in done
        for row in each.rejected
    ]
    if rows:
        table = pa.Table.from_pylist(rows, schema=QUARANTINE)
        written.append(("quarantine", write_segment(workspace.quarantine, f"{import_id}.parquet", table)))
    with Record(workspace).write() as connection:
        connection.execute(record.imports.insert(), [_imported(each, now) for each in done])
        for kind, segment in written:
            connection.execute(
                record.segments.insert().values(
                    path=str(segment.path.relative_to(workspace.home)),
                    kind=kind,
                    sha256=segment.sha256,
                    rows=segment.rows,
                    import_id=import_id,
                    created_at=now,
                )
            )


def _imported(done: Done, now: str) -> dict[str, object]:
    report = done.report
    return {
        "import_id": done.import_id,
        "source_file": report.file,
        "content_sha256": done.content_sha256,
        "bytes": done.size_bytes,
        "format": report.format,
        "sample_rate": done.sample_rate,
        "rows_in": report.rows_in,
        "calls": report.calls,
        "duplicates": report.duplicates,
        "quarantined": report.quarantined,
        "imported_at": now,
        "redaction": json.dumps(
            {"redacted": done.privacy.redacts, "key_id": done.privacy.key_id, "values": report.redacted}, sort_keys=True
        ),
    }

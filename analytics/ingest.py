"""Import: from files to committed segments of calls, every row accounted for.

rows in = calls + duplicates + quarantined, per file and in all; the import fails if that does not hold.
"""

import time
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import filelock
import pyarrow as pa
import sqlalchemy as sa

from analytics import record
from analytics.contracts import QUARANTINE
from analytics.crew import Edits, Job, Read, Worker, crew
from analytics.detect import Detected, detect
from analytics.errors import DataMissing, InputError, SpiritsafeError, WorkspaceBusy
from analytics.importers import Importer, find_importer
from analytics.importers.fields import micros
from analytics.importers.nesting import survey
from analytics.normalise import Context, Rejected
from analytics.read_ahead import Hashing, hash_file, read_ahead
from analytics.record import Record
from analytics.segments import Segment, write_segment
from analytics.sources import Block, read_blocks
from analytics.sources_inputs import Input, at_hand, find_inputs
from analytics.sources_neighbours import requests_beside
from analytics.sources_sql import parts_of, table_blocks
from analytics.sources_whole import one_block
from analytics.store import stored_call_ids
from analytics.workspace import Workspace

LOCK_WAIT_S = 5.0


@dataclass
class FileReport:
    """What one file gave."""

    file: str
    format: str | None = None
    confidence: float | None = None  # of the format, 0..1; null when it was given
    rows_in: int = 0
    calls: int = 0
    duplicates: int = 0
    quarantined: int = 0
    error: str | None = None  # a problem of the whole file; the other files went on
    reasons: dict[str, int] = field(default_factory=dict)  # quarantine reasons, by count
    notes: list[str] = field(default_factory=list)  # what a person should know of how it was read


@dataclass
class ImportReport:
    """What an import gave in all."""

    rows_in: int
    calls: int
    duplicates: int
    quarantined: int
    files: list[FileReport]
    seconds: float


@dataclass(frozen=True)
class Wanted:
    """What the person said of the logs."""

    log_format: str | None
    sample_rate: float
    columns: Mapping[str, Any] | None  # the map of a generic log
    made_at: datetime | None  # of calls that carry no time


@dataclass(frozen=True)
class Opened:
    """One input, ready to be read."""

    name: str
    path: Path | None  # None: a table
    blocks: Callable[[], Iterator[Block]]

    @property
    def size_bytes(self) -> int:
        """Of the file; a table has none."""
        return self.path.stat().st_size if self.path else 0


def import_files(
    workspace: Workspace,
    paths: Sequence[str],
    log_format: str | None = None,
    sample_rate: float = 1.0,
    columns: Mapping[str, Any] | None = None,
    made_at: datetime | None = None,
) -> ImportReport:
    """Import everything that ``paths`` name. A bad file is reported and the others go on.

    sample_rate: share of the calls that the log holds (0, 1]; each row then stands for 1 / sample_rate calls.
    columns: which column of a generic log means what. made_at: time of calls that carry none.
    Raises DataMissing when a path names nothing, InputError for a bad rate or format, WorkspaceBusy when
    another import runs.
    """
    if not 0 < sample_rate <= 1:
        raise InputError(f"--sample-rate {sample_rate}: must be above 0 and at most 1 (0.01 for a 1 % sample)")
    if columns is not None:
        log_format = log_format or "generic"
    if log_format:
        find_importer(log_format, columns)
    wanted = Wanted(log_format, sample_rate, columns, made_at)
    started = time.monotonic()
    inputs = find_inputs(paths)
    with _only_import(workspace):
        known = stored_call_ids(workspace)
        reports = [_import_one(workspace, each, wanted, known) for each in inputs]
    return ImportReport(
        rows_in=sum(report.rows_in for report in reports),
        calls=sum(report.calls for report in reports),
        duplicates=sum(report.duplicates for report in reports),
        quarantined=sum(report.quarantined for report in reports),
        files=reports,
        seconds=round(time.monotonic() - started, 3),
    )


@contextmanager
def _only_import(workspace: Workspace) -> Iterator[None]:
    """The lock that keeps two imports from both taking the same call for new."""
    workspace.create()
    try:
        with filelock.FileLock(str(workspace.home / "import.lock"), timeout=LOCK_WAIT_S):
            yield
    except filelock.Timeout as error:
        raise WorkspaceBusy(f"another import is running in {workspace.home}; try again when it has finished") from error


def _import_one(workspace: Workspace, source: Input, wanted: Wanted, known: set[str]) -> FileReport:
    report = FileReport(source.name)
    try:
        if source.kind == "table":
            return _import_table(workspace, source, wanted, known, report)
        with at_hand(source, workspace.home / "import-aside") as path:
            return _import_file(workspace, source.name, path, wanted, known, report)
    except DataMissing as error:  # whatever was counted until then was not stored
        return FileReport(source.name, report.format, report.confidence, error=str(error))


def _import_table(
    workspace: Workspace, source: Input, wanted: Wanted, known: set[str], report: FileReport
) -> FileReport:
    """A table in parts, each committed by itself, so that a long import that breaks goes on where it was."""
    parts = parts_of(table_blocks(source.address))
    try:
        for part in parts:
            one = FileReport(source.name)
            _read_all(workspace, Opened(source.name, None, part.__iter__), wanted, known, one)
            _add(report, one)
    except DataMissing as error:
        report.error = str(error)
    if not report.rows_in and report.error is None:
        report.error = f"{source.name}: holds no rows"
    return report


def _add(report: FileReport, one: FileReport) -> None:
    report.format, report.confidence = one.format, one.confidence
    report.rows_in += one.rows_in
    report.calls += one.calls
    report.duplicates += one.duplicates
    report.quarantined += one.quarantined
    report.notes += one.notes
    for reason, rows in one.reasons.items():
        report.reasons[reason] = report.reasons.get(reason, 0) + rows


def _import_file(
    workspace: Workspace, name: str, path: Path, wanted: Wanted, known: set[str], report: FileReport
) -> FileReport:
    earlier = _imported_before(workspace, path)
    if earlier is not None:
        return _nothing_new(report, earlier)
    _read_all(workspace, Opened(name, path, lambda: read_blocks(path)), wanted, known, report)
    return report


def _imported_before(workspace: Workspace, path: Path) -> sa.Row[tuple[object, ...]] | None:
    """The record of an earlier import of the same bytes. The file is only hashed when one has the same size."""
    if not workspace.control.exists():
        return None
    size = path.stat().st_size
    with Record(workspace).read() as connection:
        same_size = connection.execute(sa.select(record.imports).where(record.imports.c.bytes == size)).all()
        if not same_size:
            return None
        content = hash_file(path)
        return next((row for row in same_size if row.content_sha256 == content), None)


def _nothing_new(report: FileReport, earlier: sa.Row[tuple[object, ...]]) -> FileReport:
    """The same bytes again: each row is either a duplicate of a stored call or in quarantine already."""
    report.format, report.rows_in = earlier.format, earlier.rows_in
    report.duplicates, report.quarantined = earlier.calls + earlier.duplicates, earlier.quarantined
    return report


def _read_all(workspace: Workspace, opened: Opened, wanted: Wanted, known: set[str], report: FileReport) -> None:
    blocks = read_ahead(opened.blocks())
    first = next(blocks, None)
    if first is None:
        raise DataMissing(f"{opened.name}: holds no rows")
    importer, confidence = _format_of(opened, first, wanted)
    report.format, report.confidence = importer.name, confidence
    if importer.gather is not None:
        first, blocks = one_block(opened.name, first, blocks), read_ahead(iter(()))
    import_id = uuid.uuid4().hex[:16]
    context = _context(opened, importer, wanted)
    job = Job(importer.name, wanted.columns, context, workspace.calls / import_id)
    new: set[str] = set()
    rejected: list[Rejected] = []
    hashing = Hashing(opened.path) if opened.path else None
    with crew(job, opened.size_bytes) as workers:
        timeless = 0
        for worker, read in _feed(workers, first, blocks, report):
            _decide(worker, read, known, new, rejected, report)
            timeless += read.timeless
        segments = [segment for worker in workers if (segment := worker.finish()) is not None]
    if report.rows_in != report.calls + report.duplicates + len(rejected):
        raise SpiritsafeError(f"{opened.name}: rows do not add up ({report}); nothing of it was stored. Please report")
    report.quarantined = len(rejected)
    report.reasons = _count_reasons(rejected)
    report.notes = _notes(timeless, context)
    if not report.rows_in:
        raise DataMissing(report.error or f"{opened.name}: holds no rows")
    content = hashing.result() if hashing else f"table-{import_id}"  # a table is never the same bytes again
    _commit(workspace, report, import_id, segments, rejected, content, opened.size_bytes, wanted.sample_rate)
    known |= new


def _format_of(opened: Opened, first: Block, wanted: Wanted) -> Detected | tuple[Importer, None]:
    if wanted.log_format:
        return find_importer(wanted.log_format, wanted.columns), None
    return detect(opened.name, first)


def _context(opened: Opened, importer: Importer, wanted: Wanted) -> Context:
    """What this importer must know of the file before its rows can be read one by one."""
    made_at = None
    if not importer.has_times:
        modified = datetime.fromtimestamp(opened.path.stat().st_mtime, UTC) if opened.path else datetime.now(UTC)
        made_at = micros(wanted.made_at or modified)
    return Context(
        source_file=opened.name,
        weight=1.0 / wanted.sample_rate,
        taken_at=made_at,
        repeats=survey(opened.blocks(), importer) if importer.link else frozenset(),
        requests=requests_beside(opened.path, importer) if importer.request_of and opened.path else {},
    )


def _notes(timeless: int, context: Context) -> list[str]:
    if not timeless or context.taken_at is None:
        return []
    taken = datetime.fromtimestamp(context.taken_at / 1e6, UTC).isoformat(timespec="seconds")
    return [f"{timeless:,} calls carry no time of their own and were dated {taken}; --date gives another"]


def _feed(
    workers: list[Worker], first: Block, blocks: Iterator[Block], report: FileReport
) -> Iterator[tuple[Worker, Read]]:
    """Give blocks to the workers in turn and yield what each found, in file order."""
    busy: deque[Worker] = deque()
    idle = deque(workers)
    block: Block | None = first
    while block is not None or busy:
        if block is not None and idle:
            report.error = block.broken and f"{report.file}: {block.broken}; the rows before were read"
            worker = idle.popleft()
            worker.read(block)
            busy.append(worker)
            block = next(blocks, None)
            continue
        worker = busy.popleft()
        yield worker, worker.found()
        idle.append(worker)


def _decide(
    worker: Worker, read: Read, known: set[str], new: set[str], rejected: list[Rejected], report: FileReport
) -> None:
    """Tell the worker which rows are new. A row without an id of its own is told apart by its count in the file:
    two equal rows of one file are two calls, the same two rows in another file are the same two calls."""
    report.rows_in += read.rows_in
    edits: Edits = {}
    for index, call_id in enumerate(read.ids):
        if not read.has_own_id[index]:
            copy, plain_id = 1, call_id
            while call_id in new:
                copy += 1
                call_id = f"{plain_id}-{copy}"
            edits[index] = call_id
        if call_id in known or call_id in new:
            edits[index] = None
            report.duplicates += 1
        else:
            report.calls += 1
        new.add(call_id)
    rejected += read.rejected
    worker.keep(edits)


def _count_reasons(rejected: list[Rejected]) -> dict[str, int]:
    """Reasons by kind: the part before the first colon names the field or the fault."""
    counts: dict[str, int] = {}
    for row in rejected:
        kind = row.reason.split(":")[0]
        counts[kind] = counts.get(kind, 0) + 1
    return counts


def _commit(
    workspace: Workspace,
    report: FileReport,
    import_id: str,
    segments: list[Segment],
    rejected: list[Rejected],
    content_sha256: str,
    size_bytes: int,
    sample_rate: float,
) -> None:
    """One transaction: either the whole file counts, or none of it."""
    written = [("calls", segment) for segment in segments]
    if rejected:
        rows = [
            {"source_file": report.file, "source_line": r.line, "reason": r.reason, "excerpt": r.excerpt}
            for r in rejected
        ]
        table = pa.Table.from_pylist(rows, schema=QUARANTINE)
        written.append(("quarantine", write_segment(workspace.quarantine, f"{import_id}.parquet", table)))
    now = record.utc_now()
    with Record(workspace).write() as connection:
        connection.execute(
            record.imports.insert().values(
                import_id=import_id,
                source_file=report.file,
                content_sha256=content_sha256,
                bytes=size_bytes,
                format=report.format,
                sample_rate=sample_rate,
                rows_in=report.rows_in,
                calls=report.calls,
                duplicates=report.duplicates,
                quarantined=report.quarantined,
                imported_at=now,
            )
        )
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

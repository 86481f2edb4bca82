"""Reading one input through workers: which format, which rows are new, and whether all of them add up."""

import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from analytics.crew import Edits, Job, Read, Worker
from analytics.detect import Detected, detect
from analytics.errors import DataMissing, SpiritsafeError
from analytics.importers import Importer, find_importer
from analytics.importers.fields import micros
from analytics.importers.nesting import survey
from analytics.ingest_report import FileReport, count
from analytics.normalise import Context, Rejected
from analytics.privacy.tokens import Privacy
from analytics.read_ahead import read_ahead
from analytics.sources import Block
from analytics.sources_neighbours import requests_beside
from analytics.sources_whole import one_block
from analytics.workspace import Workspace


@dataclass(frozen=True)
class Wanted:
    """What the person said of the logs."""

    log_format: str | None
    sample_rate: float
    columns: Mapping[str, Any] | None  # the map of a generic log
    made_at: datetime | None  # of calls that carry no time
    privacy: Privacy  # what becomes of personal data
    engine: str = "local"  # where large files are read


@dataclass(frozen=True)
class Opened:
    """One input, ready to be read."""

    name: str
    path: Path | None  # None: a table
    blocks: Callable[[], Iterator[Block]]

    is_small: bool = False  # not worth a thread

    @property
    def size_bytes(self) -> int:
        """Of the file; a table has none."""
        return self.path.stat().st_size if self.path else 0


@dataclass
class Done:
    """One input that was read and is not yet committed."""

    report: FileReport
    import_id: str
    size_bytes: int
    sample_rate: float
    privacy: Privacy
    content_sha256: str = ""
    new: set[str] = field(default_factory=set)  # ids of its calls
    rejected: list[Rejected] = field(default_factory=list)


class Begun(NamedTuple):
    """An input whose format is known."""

    first: Block
    rest: Iterator[Block]
    job: Job


def begin(workspace: Workspace, opened: Opened, wanted: Wanted, report: FileReport, import_id: str) -> Begun:
    """Read the first rows and say what workers must know. DataMissing when there are none, or none of a known kind."""
    blocks = opened.blocks() if opened.is_small else read_ahead(opened.blocks())
    first = next(blocks, None)
    if first is None:
        raise DataMissing(f"{opened.name}: holds no rows")
    importer, report.confidence = _format_of(opened, first, wanted)
    report.format = importer.name
    if importer.gather is not None:
        first, blocks = one_block(opened.name, first, blocks), iter(())
    context = _context(opened, importer, wanted)
    return Begun(first, blocks, Job(importer.name, wanted.columns, context, workspace.calls / import_id))


def read_rows(begun: Begun, workers: list[Worker], known: set[str], done: Done) -> None:
    """Every row to a worker, and each decided on. Raises when they do not add up, or when there are none."""
    report, timeless = done.report, 0
    for worker, read in _feed(workers, begun.first, begun.rest, report):
        _decide(worker, read, known, done)
        timeless += read.timeless
        count(report.redacted, read.redacted)
    if report.rows_in != report.calls + report.duplicates + len(done.rejected):
        raise SpiritsafeError(f"{report.file}: rows do not add up ({report}); nothing of it was stored. Please report")
    if not report.rows_in:
        raise DataMissing(report.error or f"{report.file}: holds no rows")
    report.quarantined = len(done.rejected)
    report.reasons = _count_reasons(done.rejected)
    report.notes = _notes(timeless, begun.job.context)


def new_id() -> str:
    """An id for an import."""
    return uuid.uuid4().hex[:16]


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
        privacy=wanted.privacy,
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


def _decide(worker: Worker, read: Read, known: set[str], done: Done) -> None:
    """Tell the worker which rows are new. A row without an id of its own is told apart by its count in the file:
    two equal rows of one file are two calls, the same two rows in another file are the same two calls."""
    report, new = done.report, done.new
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
    done.rejected += read.rejected
    worker.keep(edits)


def _count_reasons(rejected: list[Rejected]) -> dict[str, int]:
    """Reasons by kind: the part before the first colon names the field or the fault."""
    counts: dict[str, int] = {}
    for row in rejected:
        kind = row.reason.split(":")[0]
        counts[kind] = counts.get(kind, 0) + 1
    return counts

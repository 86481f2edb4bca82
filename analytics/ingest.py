"""Import: from files to committed segments of calls, every row accounted for.

rows in = calls + duplicates + quarantined, per file and in all; the import fails if that does not hold.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any

import filelock

from analytics.crew import SMALL_BYTES, Job, Worker, crew
from analytics.engine import ENGINES
from analytics.errors import DataMissing, InputError, WorkspaceBusy
from analytics.importers import find_importer
from analytics.ingest_commit import Earlier, commit, earlier_imports, nothing_new, same_bytes
from analytics.ingest_read import Done, Opened, Wanted, begin, new_id, read_rows
from analytics.ingest_report import FileReport, add
from analytics.ingest_report import ImportReport as ImportReport
from analytics.ingest_small import bundles, import_small
from analytics.privacy.history import key_used_before
from analytics.privacy.key import open_privacy
from analytics.read_ahead import Hashing
from analytics.sources import read_blocks
from analytics.sources_inputs import Input, at_hand, find_inputs
from analytics.sources_sql import parts_of, table_blocks
from analytics.store import stored_call_ids
from analytics.workspace import Workspace

LOCK_WAIT_S = 5.0


def import_files(
    workspace: Workspace,
    paths: Sequence[str],
    log_format: str | None = None,
    sample_rate: float = 1.0,
    columns: Mapping[str, Any] | None = None,
    made_at: datetime | None = None,
    *,
    redacts: bool = True,
    engine: str = "local",
) -> ImportReport:
    """Import everything that ``paths`` name. A bad file is reported and the others go on.

    sample_rate: share of the calls that the log holds (0, 1]; each row then stands for 1 / sample_rate calls.
    columns: which column of a generic log means what. made_at: time of calls that carry none.
    redacts: replace personal data by tokens before anything is stored; False is recorded with the import.
    engine: where large files are read, see ``analytics.engine``.
    Raises DataMissing when a path names nothing, InputError for a bad rate or format, WorkspaceBusy when
    another import runs.
    """
    if not 0 < sample_rate <= 1:
        raise InputError(f"--sample-rate {sample_rate}: must be above 0 and at most 1 (0.01 for a 1 % sample)")
    if columns is not None:
        log_format = log_format or "generic"
    if log_format:
        find_importer(log_format, columns)
    if engine not in ENGINES:
        raise InputError(f"--engine {engine}: must be one of {', '.join(ENGINES)}")
    started = time.monotonic()
    inputs = find_inputs(paths)
    with _only_import(workspace):
        privacy = open_privacy(workspace, key_used_before(workspace), redacts=redacts)
        wanted = Wanted(log_format, sample_rate, columns, made_at, privacy, engine)
        known, earlier = stored_call_ids(workspace), earlier_imports(workspace)
        reports: list[FileReport] = []
        for bundle in bundles(inputs):
            if len(bundle) > 1:
                reports += import_small(workspace, bundle, wanted, known, earlier)
            else:
                reports.append(_import_one(workspace, bundle[0], wanted, known, earlier))
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


def _import_one(workspace: Workspace, source: Input, wanted: Wanted, known: set[str], earlier: Earlier) -> FileReport:
    report = FileReport(source.name)
    try:
        if source.kind == "table":
            return _import_table(workspace, source, wanted, known, report)
        with at_hand(source, workspace.home / "import-aside") as path:
            before = same_bytes(earlier, path)
            if before is not None:
                return nothing_new(report, before, wanted.privacy)
            _read_all(workspace, Opened(source.name, path, lambda: read_blocks(path)), wanted, known, report)
            return report
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
            add(report, one)
    except DataMissing as error:
        report.error = str(error)
    if not report.rows_in and report.error is None:
        report.error = f"{source.name}: holds no rows"
    return report


def _workers(job: Job, size_bytes: int, engine: str) -> AbstractContextManager[list[Worker]]:
    """Processes of this machine, or actors of a cluster; small files are read here either way."""
    if engine == "local" or size_bytes < SMALL_BYTES:
        return crew(job, size_bytes)
    from analytics.crew_ray import cluster_crew

    return cluster_crew(job)


def _read_all(workspace: Workspace, opened: Opened, wanted: Wanted, known: set[str], report: FileReport) -> None:
    """Read one input through as many workers as it deserves, and commit it."""
    done = Done(report, new_id(), opened.size_bytes, wanted.sample_rate, wanted.privacy)
    begun = begin(workspace, opened, wanted, report, done.import_id)
    hashing = Hashing(opened.path) if opened.path else None
    with _workers(begun.job, opened.size_bytes, wanted.engine) as workers:
        read_rows(begun, workers, known, done)
        segments = [segment for worker in workers if (segment := worker.finish()) is not None]
    # A table is never the same bytes again.
    done.content_sha256 = hashing.result() if hashing else f"table-{done.import_id}"
    commit(workspace, [done], segments)
    known |= done.new

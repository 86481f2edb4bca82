"""Many small files, such as one object a call, as one segment and one transaction.

A commit a file would cost more than reading it, and leave as many segments for every later query to open.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

from analytics.crew import Inline
from analytics.errors import DataMissing
from analytics.ingest_commit import Earlier, commit, nothing_new, same_bytes
from analytics.ingest_read import Done, Opened, Wanted, begin, new_id, read_rows
from analytics.ingest_report import FileReport
from analytics.read_ahead import hash_file
from analytics.sources import read_blocks
from analytics.sources_inputs import Input
from analytics.workspace import Workspace

SMALL_BYTES = 1 << 20
FILES_A_BUNDLE = 5_000


def bundles(inputs: Sequence[Input]) -> Iterator[list[Input]]:
    """The inputs in order: small files in a row together, everything else alone."""
    bundle: list[Input] = []
    for each in inputs:
        if _is_small(each) and len(bundle) < FILES_A_BUNDLE:
            bundle.append(each)
            continue
        if bundle:
            yield bundle
        bundle = []
        if _is_small(each):
            bundle = [each]
        else:
            yield [each]
    if bundle:
        yield bundle


def _is_small(source: Input) -> bool:
    return source.kind == "file" and Path(source.address).stat().st_size <= SMALL_BYTES


def import_small(
    workspace: Workspace, sources: Sequence[Input], wanted: Wanted, known: set[str], earlier: Earlier
) -> list[FileReport]:
    """Each file by itself, all of them committed at once. A bad file is reported and leaves nothing behind."""
    bundle_id = new_id()
    done: list[Done] = []
    reports: list[FileReport] = []
    worker: Inline | None = None
    for source in sources:
        path, report = Path(source.address), FileReport(source.name)
        reports.append(report)
        try:
            before = same_bytes(earlier, path)
            if before is not None:
                nothing_new(report, before, wanted.privacy)
                continue
            one = Done(report, new_id() if done else bundle_id, path.stat().st_size, wanted.sample_rate, wanted.privacy)
            begun = begin(
                workspace, Opened(source.name, path, partial(read_blocks, path), True), wanted, report, bundle_id
            )
            if worker is None:
                begun.job.folder.mkdir(parents=True, mode=0o700)
                worker = Inline(begun.job, 0)
            worker.turn_to(begun.job)
            read_rows(begun, [worker], known, one)
        except DataMissing as error:
            if worker is not None:
                worker.take_back()
            reports[-1] = FileReport(source.name, report.format, report.confidence, error=str(error))
            continue
        one.content_sha256 = hash_file(path)
        done.append(one)
        known |= one.new
    if done and worker is not None:
        segment = worker.finish()
        commit(workspace, done, [segment] if segment else [])
    return reports

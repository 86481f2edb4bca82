"""Worker processes that read blocks while one process decides what is new.

Each block goes to one worker. The worker answers with the row ids, learns which of them to keep, and writes
those to its own segment. Blocks are decided in file order, so the result does not depend on timing.
"""

import gc
import multiprocessing
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import pyarrow as pa

from analytics.contracts import CALLS
from analytics.errors import SpiritsafeError
from analytics.importers import find_importer
from analytics.normalise import Context, Normalised, Rejected, normalise
from analytics.segments import Segment, on_disk, open_writer, seal
from analytics.sources import Block

ROWS_A_GROUP = 20_000
MALLOC = {"MALLOC_MMAP_THRESHOLD_": str(512 << 20), "MALLOC_TRIM_THRESHOLD_": str(1 << 30)}
SMALL_BYTES = 24 << 20  # below this, starting processes costs more than it saves


class Job(NamedTuple):
    """What a worker must know beside the blocks."""

    importer: str
    columns: Mapping[str, Any] | None  # the user's map, where the importer takes one
    context: Context
    folder: Path  # segments go here


class Read(NamedTuple):
    """What a worker found in one block."""

    rows_in: int  # counted apart from what became of them
    ids: list[str]
    has_own_id: list[bool]
    rejected: list[Rejected]
    timeless: int  # calls that got the file's time
    redacted: Mapping[str, int]  # personal values replaced, by kind


Edits = dict[int, str | None]  # row index: its final id, or None to drop it


class Worker(Protocol):
    """Reads a block, then keeps what it is told to."""

    def read(self, block: Block) -> None:
        """Start on a block."""

    def found(self) -> Read:
        """What the block held."""

    def keep(self, edits: Edits) -> None:
        """Keep the rows of that block but for the edits."""

    def finish(self) -> Segment | None:
        """Seal the segment; None when no row was kept."""


class Inline:
    """A worker in this process."""

    def __init__(self, job: Job, number: int) -> None:
        self.job = job
        self.importer = find_importer(job.importer, job.columns)
        self.path = job.folder / f"part-{number}.parquet"
        self.aside = job.folder / f".part-{number}.parquet.part"
        self.rows = 0
        self.waiting: list[pa.Table] = []
        self.writer: pa.parquet.ParquetWriter | None = None
        self.block: Normalised | None = None
        self.mark: tuple[int, int] | None = None  # tables waiting and rows kept before the file at hand

    def turn_to(self, job: Job) -> None:
        """Go on with another small file, in the same segment."""
        self.job, self.importer = job, find_importer(job.importer, job.columns)
        self._write_when_many()
        self.mark = (len(self.waiting), self.rows)

    def take_back(self) -> None:
        """Forget what was kept of the file at hand."""
        if self.mark is not None:
            tables, self.rows = self.mark
            del self.waiting[tables:]

    def read(self, block: Block) -> None:
        """See Worker."""
        self.block = normalise(block, self.importer, self.job.context)

    def found(self) -> Read:
        """See Worker."""
        assert self.block is not None
        block = self.block
        return Read(block.rows_in, block.ids, block.has_own_id, block.rejected, block.timeless, block.redacted)

    def keep(self, edits: Edits) -> None:
        """See Worker."""
        assert self.block is not None
        kept = _edited(self.block.table, edits)
        self.waiting.append(kept)
        self.rows += kept.num_rows
        if self.mark is None:
            self._write_when_many()

    def finish(self) -> Segment | None:
        """See Worker."""
        self._write()
        if self.writer is None:
            return None
        on_disk(self.aside, self.writer.close)
        return seal(self.aside, self.path, self.rows)

    def _write_when_many(self) -> None:
        if sum(table.num_rows for table in self.waiting) >= ROWS_A_GROUP:
            self._write()

    def _write(self) -> None:
        tables = [table for table in self.waiting if table.num_rows]
        self.waiting = []
        if not tables:
            return
        if self.writer is None:
            self.writer = on_disk(self.aside, lambda: open_writer(self.aside, CALLS))
        writer = self.writer
        on_disk(self.aside, lambda: writer.write_table(pa.concat_tables(tables)))


def _edited(table: pa.Table, edits: Edits) -> pa.Table:
    if not edits:
        return table
    ids = table.column("call_id").to_pylist()
    for index, call_id in edits.items():
        ids[index] = call_id
    table = table.set_column(
        table.schema.get_field_index("call_id"), CALLS.field("call_id"), pa.array(ids, pa.string())
    )
    return table.filter(pa.array([call_id is not None for call_id in ids]))


class Remote:
    """A worker in its own process, spoken to through a pipe."""

    def __init__(self, job: Job, number: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, job, number), daemon=True)
        with _kept_memory():
            self.process.start()
        theirs.close()

    def read(self, block: Block) -> None:
        """See Worker."""
        self.pipe.send(block._replace(text=b""))
        if block.place is None:
            self.pipe.send_bytes(block.text)  # apart from the rest, because pickling it would copy it twice

    def found(self) -> Read:
        """See Worker."""
        answer: Read = _answer(self.pipe)
        return answer

    def keep(self, edits: Edits) -> None:
        """See Worker."""
        self.pipe.send(edits)

    def finish(self) -> Segment | None:
        """See Worker."""
        self.pipe.send(None)
        answer: Segment | None = _answer(self.pipe)
        return answer


@contextmanager
def _kept_memory() -> Iterator[None]:
    """Start processes whose C library keeps large buffers instead of giving each back to the system and faulting
    it in anew: a tenth of an import. Other C libraries ignore these variables."""
    before = {name: os.environ.get(name) for name in MALLOC}
    os.environ.update(MALLOC)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _answer(pipe: Connection) -> Any:
    try:
        answer = pipe.recv()
    except EOFError:
        raise SpiritsafeError("an import worker died (out of memory?); nothing of this file was stored") from None
    if isinstance(answer, SpiritsafeError):
        raise answer
    return answer


def _serve(pipe: Connection, job: Job, number: int) -> None:
    """The life of one worker process. An error that a person can act on travels back; a bug keeps its traceback."""
    gc.disable()  # a short life without reference cycles; collecting took a quarter of it
    worker = Inline(job, number)
    try:
        while (block := pipe.recv()) is not None:
            worker.read(block._replace(text=block.place.read() if block.place else pipe.recv_bytes()))
            pipe.send(worker.found())
            worker.keep(pipe.recv())
        pipe.send(worker.finish())
    except SpiritsafeError as error:
        pipe.send(SpiritsafeError(str(error)))
    except EOFError:
        pass  # the parent is gone, so nobody will commit this segment


@contextmanager
def crew(job: Job, size_bytes: int) -> Iterator[list[Worker]]:
    """As many workers as the file deserves; processes among them are ended whatever happens."""
    job.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if size_bytes < SMALL_BYTES:
        yield [Inline(job, 0)]
        return
    remotes = [Remote(job, number) for number in range(max(2, min(8, os.cpu_count() or 2)))]
    try:
        yield list(remotes)
    finally:
        for remote in remotes:
            remote.pipe.close()
            remote.process.join(timeout=5)
            if remote.process.is_alive():
                remote.process.kill()

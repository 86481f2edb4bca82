"""Immutable Parquet segments: write aside, sync, hash, rename, sync the folder. The record's row is the commit."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from analytics.errors import SpiritsafeError

T = TypeVar("T")


class Segment(NamedTuple):
    """One finished file, not yet committed."""

    path: Path
    sha256: str
    rows: int


def open_writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    """A writer with the settings of every segment: zstd, and dictionaries for what repeats."""
    return pq.ParquetWriter(path, schema, compression="zstd", compression_level=1, write_page_index=False)


def write_segment(folder: Path, name: str, table: pa.Table) -> Segment:
    """One table as one segment."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = folder / f".{name}.part"

    def write() -> None:
        with open_writer(aside, table.schema) as writer:
            writer.write_table(table)

    on_disk(aside, write)
    return seal(aside, folder / name, table.num_rows)


def seal(aside: Path, path: Path, rows: int) -> Segment:
    """Make a written file durable under its final name."""
    sha256 = on_disk(aside, lambda: _sync_and_hash(aside))
    aside.rename(path)
    sync_folder(path.parent)
    return Segment(path, sha256, rows)


def on_disk(path: Path, work: Callable[[], T]) -> T:
    """Run ``work``; a full disk becomes an error that says so, and the part file is taken away."""
    try:
        return work()
    except OSError as error:
        path.unlink(missing_ok=True)
        raise SpiritsafeError(
            f"{path.parent}: cannot write ({error.strerror or error}); what was committed before is kept. "
            "Free some space and run the same command again"
        ) from error


def write_whole(path: Path, text: str) -> None:
    """Replace a small file as a whole, so that it is never half written."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_suffix(".part")
    with part.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)


def sync_folder(folder: Path) -> None:
    """Make a rename survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync_and_hash(path: Path) -> str:
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()

"""What is kept of each shard, so that nothing old is read again: Parquet files named by content, code and prices.

A kept file is right for ever: its name is a hash of everything that went into it. Deleting it costs a second pass
over its shard and nothing else.
"""

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from analytics.segments import on_disk
from analytics.workspace import SQL, Workspace

CODE = (*sorted(SQL.rglob("*.sql")), *sorted((Path(__file__).parent / "tasks").glob("*.py")))
LEFT_OVER_S = 86_400  # a half-written folder this old has no writer any more
PARTIALS = tuple(sorted(path.stem for path in (SQL / "partials").glob("*.sql")))


def partial_key(*parts: str) -> str:
    """A name for what was made from these parts by the code of today."""
    return hashlib.sha256("\0".join((code_version(), *parts)).encode()).hexdigest()[:20]


@cache
def code_version() -> str:
    """A hash of everything that decides what a partial holds: the SQL, task discovery, DuckDB's own hash function."""
    digest = hashlib.sha256(duckdb.__version__.encode())
    for path in CODE:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def table_hash(table: pa.Table) -> str:
    """A hash of a small table's content."""
    return hashlib.sha256(json.dumps(table.to_pylist(), default=str).encode()).hexdigest()[:16]


class Kept:
    """The folder of kept tables."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.folder = workspace.partials
        self.used: set[str] = set()  # what this analysis stands on
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def path(self, key: str, name: str) -> Path:
        """Where the table ``name`` of ``key`` lies, or will."""
        return self.folder / key / f"{name}.parquet"

    def has(self, key: str) -> bool:
        """Are all tables of ``key`` there? The folder is renamed into place when they are."""
        self.used.add(key)
        return (self.folder / key).is_dir()

    def write(self, key: str, tables: Mapping[str, pa.Table]) -> None:
        """Keep the tables; all of them or none."""
        aside = self.folder / f".{key}.{os.getpid()}.part"
        aside.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name, table in tables.items():
            file = aside / f"{name}.parquet"
            on_disk(file, lambda file=file, table=table: pq.write_table(table, file, compression="zstd"))  # type: ignore[misc]
        if self.has(key):  # made by another process meanwhile: the same bytes
            _remove(aside)
        else:
            aside.rename(self.folder / key)

    def read(self, key: str, name: str) -> pa.Table:
        """One kept table."""
        return pq.read_table(self.path(key, name))

    def forget_all_but(self, earlier: Iterable[str]) -> None:
        """Delete what neither this analysis nor the earlier one stands on; somebody may be reading that."""
        wanted = self.used | set(earlier)
        for folder in self.folder.iterdir():
            is_left_over = folder.name.startswith(".") and time.time() - folder.stat().st_mtime > LEFT_OVER_S
            if is_left_over or not (folder.name.startswith(".") or folder.name in wanted):
                _remove(folder)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)

"""From routers' journals to segments: each row once, however often a settle was killed on its way.

Calls go through the importer, which knows a file and a call that it has seen. The other kinds are written under a name
made of the journal's, and their manifest rows replace themselves.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import filelock
import orjson
import psutil
import pyarrow as pa

from analytics.contracts import AUDITS, DECISIONS, FAILURES
from analytics.errors import SpiritsafeError
from analytics.ingest import import_files
from analytics.record import Record, segments, utc_now
from analytics.segments import write_segment
from analytics.workspace import Workspace
from pipeline.router.journal import ASK, CLOSED, OPEN

WAIT_S = 3.0  # for a running router to close its file
SCHEMAS = {"decisions": DECISIONS, "audits": AUDITS, "failures": FAILURES}
FORMAT = "router"


@dataclass(frozen=True)
class Settled:
    """What was moved."""

    files: int
    calls: int
    decisions: int
    audits: int
    failures: int


def settle(workspace: Workspace, *, wait_s: float = WAIT_S) -> Settled:
    """Move everything that routers have written into segments. Cheap where there is nothing."""
    counts = {"files": 0, "calls": 0, "decisions": 0, "audits": 0, "failures": 0}
    if workspace.traffic.is_dir() and any(workspace.traffic.iterdir()):
        with _alone(workspace):
            _ask_to_close(workspace, wait_s)
            for path in sorted(workspace.traffic.glob(f"*{CLOSED}")):
                for name, count in _move(workspace, path).items():
                    counts[name] += count
    return Settled(**counts)


@contextmanager
def _alone(workspace: Workspace) -> Iterator[None]:
    with filelock.FileLock(str(workspace.traffic / "settle.lock"), timeout=120):
        yield


def _ask_to_close(workspace: Workspace, wait_s: float) -> None:
    """Routers close their files when asked; those of dead ones are closed for them."""
    waits = []
    for path in workspace.traffic.glob(f"*{OPEN}"):
        if psutil.pid_exists(int(path.stem.rsplit("-", 1)[1])):
            path.with_suffix(ASK).touch(mode=0o600)
            waits.append(path)
        else:
            path.rename(path.with_suffix(CLOSED))
            for tail in ("-wal", "-shm"):
                left = Path(f"{path}{tail}")
                if left.exists():
                    left.rename(f"{path.with_suffix(CLOSED)}{tail}")
    until_s = time.monotonic() + wait_s
    while any(path.exists() for path in waits) and time.monotonic() < until_s:
        time.sleep(0.05)


def _move(workspace: Workspace, path: Path) -> dict[str, int]:
    rows = _read(path)
    counts = {"files": 1, "calls": _import(workspace, path, rows.pop("exchange", []))}
    written = []
    for kind, schema in SCHEMAS.items():
        found = rows.get(kind, [])
        counts[kind] = len(found)
        if found:
            table = pa.Table.from_pylist([_timed(row, schema) for row in found], schema=schema)
            segment = write_segment(getattr(workspace, kind), f"router-{path.stem}.parquet", table)
            written.append((kind, segment))
    with Record(workspace).write() as connection:
        for kind, segment in written:
            row = {"path": str(segment.path.relative_to(workspace.home)), "kind": kind, "sha256": segment.sha256}
            connection.execute(segments.delete().where(segments.c.path == row["path"]))
            connection.execute(segments.insert().values(**row, rows=segment.rows, created_at=utc_now()))
    for tail in ("", "-wal", "-shm"):
        Path(f"{path}{tail}").unlink(missing_ok=True)
    return counts


def _read(path: Path) -> dict[str, list[dict[str, Any]]]:
    """Rows by kind, in the order in which they were written."""
    found: dict[str, list[dict[str, Any]]] = {}
    connection = sqlite3.connect(path)
    try:
        has = connection.execute("select 1 from sqlite_master where name = 'rows'").fetchone()
        for kind, content in connection.execute("select kind, content from rows order by id") if has else ():
            found.setdefault(kind, []).append(orjson.loads(content))
    finally:
        connection.close()
    return found


def _import(workspace: Workspace, path: Path, exchanges: list[dict[str, Any]]) -> int:
    if not exchanges:
        return 0
    lines = path.with_suffix(".jsonl")
    lines.touch(mode=0o600)
    with lines.open("wb") as out:
        out.writelines(orjson.dumps(row) + b"\n" for row in exchanges)
    report = import_files(workspace, [str(lines)], FORMAT)
    failed = next((file.error for file in report.files if file.error), None)
    if failed or report.rows_in != len(exchanges):  # the journal stays as it is, and the next settle tries again
        raise SpiritsafeError(f"{path}: {len(exchanges)} calls were not imported ({failed or 'rows are missing'})")
    lines.unlink()
    return report.calls


def _timed(row: dict[str, Any], schema: pa.Schema) -> dict[str, Any]:
    """JSON carries times as text."""
    times = [field.name for field in schema if pa.types.is_timestamp(field.type)]
    return row | {name: datetime.fromisoformat(row[name]) for name in times if row.get(name)}

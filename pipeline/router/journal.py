"""What a router writes down: rows into its own SQLite file, a commit every fifth of a second.

One writer a file, ever. A file that is full, old, or asked for is closed and a new one begun; ``settle`` reads closed
files alone (decision 16). Rows that cannot be written are dropped and counted: serving goes on.
"""

import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from analytics.workspace import Workspace

COMMIT_S = 0.2
MOST_WAITING = 50_000  # rows in memory; more are dropped and counted
MOST_ROWS, MOST_AGE_S = 100_000, 3_600.0
OPEN, CLOSED, ASK = ".open", ".sqlite", ".close"
Row = tuple[str, dict[str, Any]]  # kind and content


class Journal:
    """The router's own file. ``add`` never waits and never raises."""

    def __init__(self, workspace: Workspace, clean: Callable[[Row], Row] = lambda row: row) -> None:
        """clean: what takes personal data out of a row before it is written; a row that it fails on is dropped."""
        self.folder = workspace.traffic
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._clean = clean
        self._rows: deque[Row] = deque()
        self.written, self.dropped = 0, 0
        self._ends = threading.Event()
        self._file: sqlite3.Connection | None = None
        self._path: Path | None = None
        self._count, self._began_s = 0, 0.0
        self._thread = threading.Thread(target=self._work, name="journal", daemon=True)
        self._thread.start()

    def add(self, kind: str, content: dict[str, Any]) -> None:
        """One row; in the file within a fifth of a second."""
        if len(self._rows) >= MOST_WAITING:
            self.dropped += 1
        else:
            self._rows.append((kind, content))

    def close(self) -> None:
        """Write what waits and close the file."""
        self._ends.set()
        self._thread.join(timeout=30)

    def _work(self) -> None:
        while not self._ends.wait(COMMIT_S):
            self._flush()
            self._turn_over()
        self._flush()
        self._close_file()

    def _flush(self) -> None:
        rows = [self._rows.popleft() for _ in range(len(self._rows))]
        if not rows:
            return
        lines = [line for line in map(self._line, rows) if line is not None]
        try:
            file = self._open_file()
            with file:
                file.executemany("insert into rows (kind, content) values (?, ?)", lines)
            self.written += len(lines)
            self._count += len(lines)
        except (sqlite3.Error, OSError):  # a full disk, most likely: serving goes on, the gap is counted and shown
            self.dropped += len(lines)
            self._drop_file()

    def _line(self, row: Row) -> tuple[str, bytes] | None:
        try:
            kind, content = self._clean(row)
            return kind, orjson.dumps(content)
        except Exception:  # fails closed: what cannot be cleaned or written as JSON is not kept
            self.dropped += 1
            return None

    def _open_file(self) -> sqlite3.Connection:
        if self._file is None:
            self._path = self.folder / f"{time.time_ns()}-{os.getpid()}{OPEN}"
            self._path.touch(mode=0o600)
            self._file = sqlite3.connect(self._path, check_same_thread=False)
            self._file.execute("pragma journal_mode=wal")
            self._file.execute("pragma synchronous=normal")
            self._file.execute("create table if not exists rows (id integer primary key, kind text, content blob)")
            self._count, self._began_s = 0, time.monotonic()
        return self._file

    def _drop_file(self) -> None:
        """Let go of a file that cannot be written; what it holds is committed and will be settled."""
        try:
            if self._file is not None:
                self._file.close()
        except sqlite3.Error:
            pass
        self._file, path, self._path = None, self._path, None
        if path is not None and path.exists():
            path.rename(path.with_suffix(CLOSED))

    def _turn_over(self) -> None:
        if self._file is None or self._path is None:
            return
        is_old = time.monotonic() - self._began_s > MOST_AGE_S
        if is_old or self._count >= MOST_ROWS or self._path.with_suffix(ASK).exists():
            self._close_file()

    def _close_file(self) -> None:
        if self._file is None or self._path is None:
            return
        path = self._path
        try:
            self._file.execute("pragma wal_checkpoint(truncate)")
            self._file.execute("pragma journal_mode=delete")
        except sqlite3.Error:
            pass
        self._drop_file()
        path.with_suffix(ASK).unlink(missing_ok=True)

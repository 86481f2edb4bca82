"""The journal in a process of its own, so that cleaning and writing rows never holds up a request.

Rows go down a pipe; what is in the pipe when the router dies is still written. The other process takes personal data
out before anything touches the disk, and ends when the pipe does. Run as ``python -m pipeline.router.scribe HOME``.
"""

import os
import subprocess
import sys
import threading
import time
from collections import deque
from pathlib import Path
from typing import IO, Any

import orjson

from analytics.privacy.history import key_used_before
from analytics.privacy.key import open_privacy
from analytics.workspace import Workspace
from pipeline.router.cleaning import without_personal_data
from pipeline.router.journal import MOST_WAITING, Journal

SEND_S = 0.05
NICE = 10  # requests come first; what waits is written when there is time
REPORT_S = 0.5
LAST_WORD_S = 60.0


class Scribe:
    """Looks like a ``Journal`` to the router."""

    def __init__(self, workspace: Workspace) -> None:
        self._command = [sys.executable, "-m", "pipeline.router.scribe", str(workspace.home)]
        self._rows: deque[bytes] = deque()
        self.written, self._lost, self._told = 0, 0, 0
        self._ends = threading.Event()
        self._process = self._start()
        self._thread = threading.Thread(target=self._send, name="scribe", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Rows lost, here and there."""
        return self._lost + self._told

    def add(self, kind: str, content: dict[str, Any]) -> None:
        """One row; on disk within half a second. Never waits, never raises."""
        if len(self._rows) >= MOST_WAITING:
            self._lost += 1
            return
        try:
            self._rows.append(orjson.dumps([kind, content]) + b"\n")
        except orjson.JSONEncodeError:
            self._lost += 1

    def close(self) -> None:
        """Send what waits, and wait until it is written."""
        self._ends.set()
        self._thread.join(timeout=LAST_WORD_S)

    def _start(self) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
            env=_without_keys() | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )  # fmt: skip
        threading.Thread(target=self._listen, args=(process.stdout,), daemon=True).start()
        return process

    def _listen(self, told: IO[bytes]) -> None:
        with told:
            before_written, before_told = self.written, self._told
            for line in told:
                counts = orjson.loads(line)
                self.written = before_written + counts["written"]
                self._told = before_told + counts["dropped"]

    def _send(self) -> None:
        while not self._ends.wait(SEND_S):
            self._flush()
        self._flush()
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
            self._process.wait(timeout=LAST_WORD_S)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()

    def _flush(self) -> None:
        rows = [self._rows.popleft() for _ in range(len(self._rows))]
        if not rows:
            return
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(b"".join(rows))
            self._process.stdin.flush()
        except OSError:  # the other process is gone: these rows with it, later ones go to its successor
            self._lost += len(rows)
            self._process.wait()
            self._process = self._start()


def _without_keys() -> dict[str, str]:
    """The environment; the teacher's keys and the clients' token stay with the router."""
    return {name: value for name, value in os.environ.items() if not name.endswith(("_KEY", "_TOKEN", "_SECRET"))}


def main(home: str) -> None:
    """The other process: rows from standard input into the journal, counts to standard output."""
    os.nice(NICE)
    workspace = Workspace(Path(home))
    privacy = open_privacy(workspace, key_used_before(workspace))
    journal = Journal(workspace, lambda row: without_personal_data(row, privacy))
    threading.Thread(target=_report, args=(journal,), daemon=True).start()
    for line in sys.stdin.buffer:
        kind, content = orjson.loads(line)
        journal.add(kind, content)
    journal.close()
    _tell(journal)


def _report(journal: Journal) -> None:
    while True:
        time.sleep(REPORT_S)
        _tell(journal)


def _tell(journal: Journal) -> None:
    try:
        sys.stdout.buffer.write(orjson.dumps({"written": journal.written, "dropped": journal.dropped}) + b"\n")
        sys.stdout.buffer.flush()
    except OSError:  # the router is gone; what came through the pipe is written all the same
        return


if __name__ == "__main__":
    main(sys.argv[1])

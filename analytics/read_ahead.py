"""What an import does beside deciding: hash the file, and read the next blocks."""

import hashlib
import queue
import threading
from collections.abc import Generator, Iterator
from pathlib import Path

from analytics.sources import Block

BLOCKS_AHEAD = 2
POLL_S = 0.2


def hash_file(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class Hashing:
    """The content hash of a file, computed beside the reading of it."""

    def __init__(self, path: Path) -> None:
        self._found: list[str] = []
        self._thread = threading.Thread(target=lambda: self._found.append(hash_file(path)), daemon=True)
        self._thread.start()

    def result(self) -> str:
        """The hash, once it is there."""
        self._thread.join()
        return self._found[0]


def read_ahead(blocks: Iterator[Block]) -> Generator[Block, None, None]:
    """Read some blocks ahead in a thread, so that reading and deciding overlap.

    Closing the generator ends the thread, so a file that turns out to be no log is let go.
    """
    waiting: queue.Queue[Block | BaseException | None] = queue.Queue(maxsize=BLOCKS_AHEAD)
    unwanted = threading.Event()

    def hand_over(item: Block | BaseException | None) -> None:
        while not unwanted.is_set():
            try:
                return waiting.put(item, timeout=POLL_S)
            except queue.Full:
                continue

    def read() -> None:
        try:
            for block in blocks:
                hand_over(block)
                if unwanted.is_set():
                    return
            hand_over(None)
        except BaseException as error:  # handed to the reader's own thread
            hand_over(error)

    threading.Thread(target=read, daemon=True).start()
    try:
        while (block := waiting.get()) is not None:
            if isinstance(block, BaseException):
                raise block
            yield block
    finally:
        unwanted.set()

"""Micro-batches: requests that wait together are answered together, by one thread of the student's own.

The thread takes whatever waits and never waits for more, so one request alone is not slowed. The queue is bounded:
when it is full the teacher is asked at once. A thread that hangs is left behind and another takes its place.
"""

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.contracts import Answer

MOST_WAITING, MOST_TOGETHER = 64, 32
STUCK_S = 10.0  # of one batch, until its thread is given up


class StudentBusy(Exception):
    """So many wait for the student that the teacher is the faster way."""


class StudentFailed(Exception):
    """The student raised an error instead of answering."""


@dataclass(frozen=True)
class _Waiting:
    text: str
    loop: asyncio.AbstractEventLoop
    future: "asyncio.Future[Answer]"


class Batcher:
    """Asks one student from many requests."""

    def __init__(self, answer: Callable[[list[str]], Sequence[Answer]], name: str = "student") -> None:
        self._answer, self._name = answer, name
        self._queue: queue.Queue[_Waiting | None] = queue.Queue(MOST_WAITING)
        self._began_s: float | None = None
        self._thread = self._start()

    async def ask(self, text: str) -> Answer:
        """The student's answer. Raises StudentBusy, StudentFailed."""
        loop = asyncio.get_running_loop()
        waiting = _Waiting(text, loop, loop.create_future())
        self._replace_if_stuck()
        try:
            self._queue.put_nowait(waiting)
        except queue.Full:
            raise StudentBusy(f"{MOST_WAITING} requests wait for {self._name}") from None
        return await waiting.future

    def close(self) -> None:
        """Answer what waits, then end the thread; used once nobody will ask any more."""
        threading.Thread(target=lambda: self._queue.put(None), daemon=True).start()

    def _start(self) -> threading.Thread:
        thread = threading.Thread(target=self._work, args=(self._queue,), name=f"ask-{self._name}", daemon=True)
        thread.start()
        return thread

    def _replace_if_stuck(self) -> None:
        """Who waits behind a batch that hangs is moved to a fresh thread; the old one ends when it comes back."""
        began_s = self._began_s
        if began_s is None or time.monotonic() - began_s < STUCK_S:
            return
        left, self._queue, self._began_s = self._queue, queue.Queue(MOST_WAITING), None
        while not left.empty():
            waiting = left.get_nowait()
            if waiting is not None:
                self._queue.put_nowait(waiting)
        left.put(None)
        self._thread = self._start()

    def _work(self, waits: "queue.Queue[_Waiting | None]") -> None:
        while (first := waits.get()) is not None:
            batch, is_last = self._gather(first, waits)
            self._began_s = time.monotonic()
            outcome = self._try([one.text for one in batch])
            if waits is self._queue:
                self._began_s = None
            self._deliver(batch, outcome)
            if is_last:
                return

    @staticmethod
    def _gather(first: _Waiting, waits: "queue.Queue[_Waiting | None]") -> tuple[list[_Waiting], bool]:
        batch = [first]
        while len(batch) < MOST_TOGETHER:
            try:
                one = waits.get_nowait()
            except queue.Empty:
                break
            if one is None:
                return batch, True
            batch.append(one)
        return [one for one in batch if not one.future.done()] or batch, False

    def _try(self, texts: list[str]) -> "Sequence[Answer] | StudentFailed":
        try:
            return self._answer(texts)
        except Exception as error:  # any failure of a student is one reason to ask the teacher
            return StudentFailed(type(error).__name__)

    @staticmethod
    def _deliver(batch: list[_Waiting], outcome: "Sequence[Answer] | StudentFailed") -> None:
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Waiting, Answer | StudentFailed]]] = {}
        for place, one in enumerate(batch):
            found = outcome if isinstance(outcome, StudentFailed) else outcome[place]
            by_loop.setdefault(one.loop, []).append((one, found))
        for loop, some in by_loop.items():
            try:
                loop.call_soon_threadsafe(_settle, some)
            except RuntimeError:  # the loop is closed: nobody waits any more
                continue


def _settle(some: "list[tuple[_Waiting, Answer | StudentFailed]]") -> None:
    for one, found in some:
        if one.future.done():
            continue
        if isinstance(found, StudentFailed):
            one.future.set_exception(found)
        else:
            one.future.set_result(found)

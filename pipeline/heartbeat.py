"""The worker's second thread: keeps the leases alive, and ends the process when it must not go on."""

import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType

import sqlalchemy as sa

from analytics.errors import SpiritsafeError, WorkspaceBusy
from analytics.record import Record, runs
from pipeline import lease
from pipeline.lease import Lease, LeaseLost

CANCEL_CHECK_S = 1.0


class Heartbeat:
    """Renews the leases given to ``hold`` until it is left.

    A training library may stay in C code for minutes and hear no exception, so a cancel request or
    a lost lease ends the process from here. Nothing is lost by that: what counts was committed.
    """

    def __init__(self, record: Record, run_id: str, on_cancel: Callable[[], None]) -> None:
        self._record = record
        self._run_id = run_id
        self._on_cancel = on_cancel
        self._held: list[Lease] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def hold(self, held: Lease) -> None:
        """Keep one more lease alive."""
        self._held.append(held)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        """Stop beating, and let the leases expire so that the next run need not wait.

        Where the record is busy they are left: they lapse with this process.
        """
        self._stop.set()
        self._thread.join()
        with suppress(WorkspaceBusy), self._record.write() as connection:
            for held in self._held:
                lease.release(connection, held)

    def _beat(self) -> None:
        beaten_s = time.monotonic()
        while not self._stop.wait(CANCEL_CHECK_S):
            try:
                if time.monotonic() - beaten_s >= lease.BEAT_S:
                    self._renew()
                    beaten_s = time.monotonic()
                if cancel_requested(self._record, self._run_id):
                    self._on_cancel()
                    end_process(130)
            except LeaseLost as lost:
                print(f"{lost}; this worker stops without a trace", flush=True)
                end_process(lost.exit_code)
            except (SpiritsafeError, sa.exc.OperationalError) as error:
                # A busy record is no reason to stop: six beats may be missed before anyone takes over.
                print(f"heartbeat missed: {error}", flush=True)

    def _renew(self) -> None:
        with self._record.write() as connection:
            for held in self._held:
                lease.renew(connection, held)


def cancel_requested(record: Record, run_id: str) -> bool:
    """Whether somebody asked the run to stop."""
    with record.read() as connection:
        query = sa.select(runs.c.cancel_requested).where(runs.c.run_id == run_id)
        return bool(connection.execute(query).scalar_one_or_none())


def end_process(exit_code: int) -> None:
    """End this process now, with the helpers it started if it leads a session of its own."""
    if os.getsid(0) == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(exit_code)

"""What was sent to a paid teacher and what it cost, one SQLite file a run, its worker the only writer.

Reserve, send, settle. A row is written before each HTTP request at the worst case that it can cost, and brought down to
the actual cost once the raw response is stored. Whatever may have been billed without our knowing (a dropped
connection, a killed worker) keeps its worst case. So the sum is never below what the provider charges.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from analytics.errors import BudgetReached
from analytics.record import utc_now

FILE = "ledger.sqlite"
State = Literal["sent", "settled", "free", "unknown"]
SCHEMA = """
create table if not exists sends (
    send_id integer primary key,
    key text not null,
    job text not null,
    state text not null check (state in ('sent', 'settled', 'free', 'unknown')),
    micros integer not null check (micros >= 0),  -- worst case until settled; 0 when surely not billed
    expected_micros integer not null,
    batch_ref text,
    reason text,
    day text not null,
    sent_at text not null,
    ended_at text
) strict;
create index if not exists sends_by_key on sends (key);
create index if not exists sends_by_day on sends (day);
create table if not exists answers (key text primary key, raw text not null, stored_at text not null) strict;
create table if not exists batches (
    ref text primary key,  -- ours, sent along as metadata, so that it is found again
    batch_id text,  -- the provider's; null: intended, perhaps submitted
    state text not null check (state in ('open', 'done'))
) strict;
create table if not exists pins (name text primary key, value text not null) strict;
"""


class Call(NamedTuple):
    """One question about to be sent."""

    key: str
    job: str
    worst_micros: int
    expected_micros: int = 0


class Settled(NamedTuple):
    """Calls whose cost is known."""

    calls: int
    micros: int
    expected_micros: int


@dataclass(frozen=True)
class Sent:
    """One HTTP request that may be under way, or one line of a batch."""

    send_id: int
    key: str
    micros: int


def today() -> str:
    """The day on which spending counts, UTC."""
    return datetime.now(UTC).date().isoformat()


class Ledger:
    """The ledger of one run. Every method is one transaction, on the disk when it returns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        self._db.execute("pragma journal_mode=wal")
        self._db.execute("pragma synchronous=full")
        self._db.executescript(SCHEMA)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def _write(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._db.execute("begin immediate")
            try:
                yield self._db
                self._db.execute("commit")
            except BaseException:
                self._db.execute("rollback")
                raise

    def _one(self, query: str, *values: object) -> int:
        with self._lock:
            return int(self._db.execute(query, values).fetchone()[0] or 0)

    def reserve(
        self,
        calls: Sequence[Call],
        cap_micros: int | None,
        day_micros: int | None = None,
        batch_ref: str | None = None,
    ) -> list[Sent]:
        """Rows for calls about to be sent, at worst case: all of them, or BudgetReached and none.

        cap_micros: most that this run may pay in all. day_micros: what it has drawn for today.
        """
        day, wanted = today(), sum(call.worst_micros for call in calls)
        with self._write() as db:
            _fits(_sum(db, "select sum(micros) from sends"), wanted, cap_micros)
            if (
                day_micros is not None
                and _sum(db, "select sum(micros) from sends where day = ?", day) + wanted > day_micros
            ):
                raise TrancheEmpty("draw more first")
            if batch_ref is not None:
                db.execute("insert into batches (ref, state) values (?, 'open')", (batch_ref,))
            return [_insert(db, call, batch_ref, day) for call in calls]

    def settle(self, sent: Sent, raw: str, micros: int) -> None:
        """Store the raw response and what it cost, together."""
        with self._write() as db:
            db.execute("insert or replace into answers values (?, ?, ?)", (sent.key, raw, utc_now()))
            _end(db, [sent.send_id], "settled", None, micros)

    def set_free(self, sent: Sent, reason: str) -> None:
        """The provider refused it, so it bills nothing."""
        with self._write() as db:
            _end(db, [sent.send_id], "free", reason, 0)

    def set_unknown(self, sent: Sent, reason: str) -> None:
        """It may have been billed: it stays charged at worst case."""
        with self._write() as db:
            _end(db, [sent.send_id], "unknown", reason, None)

    def recover(self) -> int:
        """After a restart: what was under way outside a batch is unknown now. Returns how many."""
        with self._write() as db:
            query = "select send_id from sends where state = 'sent' and batch_ref is null"
            lost = [row[0] for row in db.execute(query)]
            _end(db, lost, "unknown", "the worker ended before the answer came", None)
            return len(lost)

    def answer(self, key: str) -> str | None:
        """The stored response of a question."""
        with self._lock:
            row = self._db.execute("select raw from answers where key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def keep_earlier(self, key: str, raw: str) -> None:
        """Take over an answer that another run has paid for."""
        with self._write() as db:
            db.execute("insert or ignore into answers values (?, ?, ?)", (key, raw, utc_now()))

    def open_batches(self) -> list[tuple[str, str | None]]:
        """Our name and the provider's id of each batch whose results are not stored yet."""
        with self._lock:
            return list(self._db.execute("select ref, batch_id from batches where state = 'open' order by rowid"))

    def batch_sends(self, ref: str) -> list[Sent]:
        """The lines of a batch that are still under way."""
        query = "select send_id, key, micros from sends where batch_ref = ? and state = 'sent' order by send_id"
        with self._lock:
            return [Sent(*row) for row in self._db.execute(query, (ref,))]

    def name_batch(self, ref: str, batch_id: str) -> None:
        """Keep the provider's id, before anything is asked about it."""
        with self._write() as db:
            db.execute("update batches set batch_id = ? where ref = ?", (batch_id, ref))

    def end_batch(self, ref: str) -> None:
        """Everything that came of it is stored."""
        with self._write() as db:
            db.execute("update batches set state = 'done' where ref = ?", (ref,))

    def spent_micros(self, day: str | None = None) -> int:
        """What is or may be owed, on one day or in all [micro-USD]."""
        if day is None:
            return self._one("select sum(micros) from sends")
        return self._one("select sum(micros) from sends where day = ?", day)

    def days(self) -> list[str]:
        """Days on which something was sent."""
        with self._lock:
            return [row[0] for row in self._db.execute("select distinct day from sends order by day")]

    def count(self, state: State | None = None) -> int:
        """Rows in a state, or all of them: one for each HTTP request, one for each line of a batch."""
        if state is None:
            return self._one("select count(*) from sends")
        return self._one("select count(*) from sends where state = ?", state)

    def settled(self) -> Settled:
        """Calls with a known cost, beside what they were expected to cost."""
        sums = "count(*), coalesce(sum(micros), 0), coalesce(sum(expected_micros), 0)"
        query = f"select {sums} from sends where state = 'settled'"
        with self._lock:
            return Settled(*self._db.execute(query).fetchone())

    def answers(self) -> int:
        """Stored responses."""
        return self._one("select count(*) from answers")

    def pin(self, name: str, value: str) -> str:
        """The value that was first kept under this name: a resumed run goes on with the prices that it began with."""
        with self._write() as db:
            db.execute("insert or ignore into pins values (?, ?)", (name, value))
            return str(db.execute("select value from pins where name = ?", (name,)).fetchone()[0])

    def repin(self, name: str, value: str) -> None:
        """Replace what is kept under a name."""
        with self._write() as db:
            db.execute("insert or replace into pins values (?, ?)", (name, value))


class TrancheEmpty(Exception):
    """What was drawn from the workspace's budget for today does not suffice."""


def _fits(spent: int, wanted: int, cap: int | None) -> None:
    if cap is not None and spent + wanted > cap:
        raise BudgetReached(
            f"the run's cap of ${cap / 1e6:,.4f} is reached: ${spent / 1e6:,.4f} is paid or may be owed, and "
            f"what comes next may cost ${wanted / 1e6:,.4f}; what was paid for is kept. Set a higher cap with: "
            "spiritsafe runs cap USD RUN, then: spiritsafe runs resume RUN"
        )


def _sum(db: sqlite3.Connection, query: str, *values: object) -> int:
    return int(db.execute(query, values).fetchone()[0] or 0)


def _insert(db: sqlite3.Connection, call: Call, batch_ref: str | None, day: str) -> Sent:
    query = (
        "insert into sends (key, job, state, micros, expected_micros, batch_ref, day, sent_at) "
        "values (?, ?, 'sent', ?, ?, ?, ?, ?)"
    )
    send_id = db.execute(query, (*call, batch_ref, day, utc_now())).lastrowid
    return Sent(int(send_id or 0), call.key, call.worst_micros)


def _end(db: sqlite3.Connection, ids: Iterable[int], state: State, reason: str | None, micros: int | None) -> None:
    """Only what is under way can end, and once."""
    query = (
        "update sends set state = ?, reason = ?, micros = coalesce(?, micros), ended_at = ? "
        "where send_id = ? and state = 'sent'"
    )
    for send_id in ids:
        if db.execute(query, (state, reason, micros, utc_now(), send_id)).rowcount != 1:
            raise ValueError(f"send {send_id} is not under way")

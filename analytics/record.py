"""The record of one workspace: SQLite (WAL, FULL) through SQLAlchemy Core.

Low rate, one writer at a time: every write holds a file lock and one transaction. Readers open
the file read-only. Times are ISO 8601 text in UTC, money is integer micro-dollars, JSON is text.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import filelock
import sqlalchemy as sa

from analytics.errors import DataMissing, SpiritsafeError, WorkspaceBusy
from analytics.workspace import Workspace

SCHEMA_VERSION = 4
# What brings a file of the version before to this one. Readers of an older file bring it up to date first.
MIGRATIONS: dict[int, tuple[str, ...]] = {
    2: ("alter table imports add column redaction text",),
    3: (),  # tables that a version adds are made from the schema below
    4: (),
}
LOCK_WAIT_S = 20.0

metadata = sa.MetaData()
_text, _int, _real = sa.Text, sa.BigInteger, sa.Float

meta = sa.Table("meta", metadata, sa.Column("key", _text, primary_key=True), sa.Column("value", _text, nullable=False))

imports = sa.Table(
    "imports",
    metadata,
    sa.Column("import_id", _text, primary_key=True),
    sa.Column("source_file", _text, nullable=False),
    sa.Column("content_sha256", _text, nullable=False, index=True),
    sa.Column("bytes", _int, nullable=False),
    sa.Column("format", _text, nullable=False),
    sa.Column("sample_rate", _real, nullable=False),
    sa.Column("rows_in", _int, nullable=False),
    sa.Column("calls", _int, nullable=False),
    sa.Column("duplicates", _int, nullable=False),
    sa.Column("quarantined", _int, nullable=False),
    sa.Column("imported_at", _text, nullable=False),
    sa.Column(
        "redaction", _text, nullable=True, comment="JSON: redacted, key_id, values; null: imported before there was any"
    ),
)

segments = sa.Table(
    "segments",
    metadata,
    sa.Column("path", _text, primary_key=True, comment="relative to the workspace"),
    sa.Column("kind", _text, nullable=False, comment="calls, quarantine, decisions, audits or failures"),
    sa.Column("sha256", _text, nullable=False),
    sa.Column("rows", _int, nullable=False),
    sa.Column("import_id", _text, nullable=True),
    sa.Column("created_at", _text, nullable=False),
)

snapshots = sa.Table(
    "snapshots",
    metadata,
    sa.Column("snapshot_id", _text, primary_key=True),
    sa.Column("data_version", _text, nullable=False, comment="hash of the calls segments it was made from"),
    sa.Column("path", _text, nullable=False),
    sa.Column("created_at", _text, nullable=False),
    sa.Column("summary", _text, nullable=False, comment="JSON"),
)

plans = sa.Table(
    "plans",
    metadata,
    sa.Column("plan_id", _text, primary_key=True, comment="hash of the spec"),
    sa.Column("task_id", _text, nullable=True),
    sa.Column("spec", _text, nullable=False, comment="JSON"),
    sa.Column("created_at", _text, nullable=False),
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("run_id", _text, primary_key=True),
    sa.Column("plan_id", _text, nullable=False),
    sa.Column("task_id", _text, nullable=True),
    sa.Column("created_at", _text, nullable=False),
    sa.Column("started_at", _text, nullable=True),
    sa.Column("ended_at", _text, nullable=True),
    sa.Column("outcome", _text, nullable=True, comment="null, succeeded, failed or cancelled"),
    sa.Column("error", _text, nullable=True),
    sa.Column("student_id", _text, nullable=True),
    sa.Column("cancel_requested", _int, nullable=False, default=0),
    sa.Column("cap_micros", _int, nullable=True),
    sa.Column("spent_micros", _int, nullable=False, default=0),
)

stages = sa.Table(
    "stages",
    metadata,
    sa.Column("run_id", _text, primary_key=True),
    sa.Column("stage", _text, primary_key=True),
    sa.Column("state", _text, nullable=False, comment="started, succeeded or failed"),
    sa.Column("input_hash", _text, nullable=False),
    sa.Column("output_hash", _text, nullable=True),
    sa.Column("path", _text, nullable=True, comment="relative to the workspace"),
    sa.Column("started_at", _text, nullable=False),
    sa.Column("ended_at", _text, nullable=True),
    sa.Column("detail", _text, nullable=True, comment="JSON: counts a person wants to see"),
)

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", _text, primary_key=True),
    sa.Column("token", _int, nullable=False, comment="fencing token, only ever rises"),
    sa.Column("host", _text, nullable=False),
    sa.Column("pid", _int, nullable=False),
    sa.Column("process_started_at", _real, nullable=False),
    sa.Column("heartbeat_at", _text, nullable=False),
    sa.Column("expires_at", _text, nullable=False),
)

students = sa.Table(
    "students",
    metadata,
    sa.Column("student_id", _text, primary_key=True),
    sa.Column("task_id", _text, nullable=True),
    sa.Column("run_id", _text, nullable=False),
    sa.Column("kind", _text, nullable=False),
    sa.Column("path", _text, nullable=False, comment="relative to the workspace"),
    sa.Column("card", _text, nullable=False, comment="JSON, immutable"),
    sa.Column("card_sha256", _text, nullable=False),
    sa.Column("created_at", _text, nullable=False),
)

policies = sa.Table(
    "policies",
    metadata,
    sa.Column("policy_id", _text, primary_key=True),
    sa.Column("student_id", _text, nullable=False),
    sa.Column("task_id", _text, nullable=True),
    sa.Column("policy", _text, nullable=False, comment="JSON: threshold, alpha, delta, fallback, audit share"),
    sa.Column("created_at", _text, nullable=False),
)

ledger = sa.Table(
    "ledger",
    metadata,
    sa.Column("ledger_id", _text, primary_key=True),
    sa.Column("student_id", _text, nullable=False),
    sa.Column("task_id", _text, nullable=True),
    sa.Column("source", _text, nullable=False, comment="replay (counterfactual) or production"),
    sa.Column("period_from", _text, nullable=False),
    sa.Column("period_to", _text, nullable=False),
    sa.Column("calls", _int, nullable=False),
    sa.Column("student_calls", _int, nullable=False),
    sa.Column("agreement", _real, nullable=True),
    sa.Column("agreement_low", _real, nullable=True),
    sa.Column("agreement_high", _real, nullable=True),
    sa.Column("teacher_cost_micros", _int, nullable=True, comment="what the traffic did cost, weighted"),
    sa.Column("hybrid_cost_micros", _int, nullable=True, comment="what it would cost with the student"),
    sa.Column("net_saving_micros", _int, nullable=True, comment="after serving, audits and fallback"),
    sa.Column("student_ms_p50", _real, nullable=True),
    sa.Column("teacher_ms_p50", _real, nullable=True),
    sa.Column("detail", _text, nullable=True, comment="JSON"),
    sa.Column("created_at", _text, nullable=False),
)

tranches = sa.Table(
    "tranches",
    metadata,
    sa.Column("run_id", _text, primary_key=True),
    sa.Column("day", _text, primary_key=True, comment="UTC"),
    sa.Column("micros", _int, nullable=False, comment="what the run may pay on that day; at its end, what it did pay"),
)

budgets = sa.Table(
    "budgets",
    metadata,
    sa.Column("name", _text, primary_key=True, comment="total: most that all runs of the workspace may pay"),
    sa.Column("cap_micros", _int, nullable=False),
)

deployments = sa.Table(
    "deployments",
    metadata,
    sa.Column("deployment_id", sa.Integer, primary_key=True, comment="the newest of a task is in force"),
    sa.Column("task_id", _text, nullable=False, index=True),
    sa.Column("student_id", _text, nullable=True, comment="null: everything goes to the teacher"),
    sa.Column("policy_id", _text, nullable=True),
    sa.Column("action", _text, nullable=False, comment="promote, roll-back, tighten, fall-back, raise-audits"),
    sa.Column("actor", _text, nullable=False, comment="a person, or alarm"),
    sa.Column("reason", _text, nullable=False),
    sa.Column("created_at", _text, nullable=False),
)

audit_log = sa.Table(
    "audit_log",
    metadata,
    sa.Column("entry_id", sa.Integer, primary_key=True),
    sa.Column("at", _text, nullable=False),
    sa.Column("actor", _text, nullable=False),
    sa.Column("role", _text, nullable=False, comment="viewer, operator, approver or system"),
    sa.Column("action", _text, nullable=False),
    sa.Column("subject", _text, nullable=False, comment="what it was done to: a student, a run, a failure"),
    sa.Column("reason", _text, nullable=True),
    sa.Column("detail", _text, nullable=True, comment="JSON"),
)

failure_labels = sa.Table(
    "failure_labels",
    metadata,
    sa.Column("label_id", sa.Integer, primary_key=True, comment="the newest of a failure counts"),
    sa.Column("failure_id", _text, nullable=False, index=True),
    sa.Column("right", _text, nullable=False, comment="student, teacher, both, neither or skip"),
    sa.Column("answer", _text, nullable=True, comment="the right one, where neither gave it"),
    sa.Column("note", _text, nullable=True),
    sa.Column("actor", _text, nullable=False),
    sa.Column("created_at", _text, nullable=False),
)

snoozes = sa.Table(
    "snoozes",
    metadata,
    sa.Column("snooze_id", sa.Integer, primary_key=True, comment="the newest of a task counts"),
    sa.Column("task_id", _text, nullable=False, index=True),
    sa.Column("condition", _text, nullable=True, comment="JSON; null: woken"),
    sa.Column("actor", _text, nullable=False),
    sa.Column("reason", _text, nullable=False),
    sa.Column("created_at", _text, nullable=False),
)

reports = sa.Table(
    "reports",
    metadata,
    sa.Column("report_id", _text, primary_key=True),
    sa.Column("kind", _text, nullable=False, comment="reevaluation"),
    sa.Column("path", _text, nullable=False, comment="folder, relative to the workspace"),
    sa.Column("summary", _text, nullable=False, comment="JSON"),
    sa.Column("created_at", _text, nullable=False),
)


def utc_now() -> str:
    """The time now, ISO 8601 with zone, to the microsecond so that rows sort as they came."""
    return datetime.now(UTC).isoformat(timespec="microseconds")


def utc_today() -> date:
    """The day now, UTC."""
    return datetime.now(UTC).date()


class Record:
    """One workspace's control database. Cheap to make; opens nothing until it is used."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._lock = filelock.FileLock(str(workspace.control) + ".lock")

    @contextmanager
    def write(self, wait_s: float = LOCK_WAIT_S) -> Iterator[sa.Connection]:
        """One transaction as the only writer; commits at the end, rolls back on an error.

        Raises WorkspaceBusy when another process keeps the lock for longer than ``wait_s``.
        """
        self.workspace.create()
        try:
            with self._lock.acquire(timeout=wait_s):
                engine = _engine(self.workspace.control, read_only=False)
                try:
                    with engine.begin() as connection:
                        _prepare(connection, self.workspace.control)
                        yield connection
                finally:
                    engine.dispose()
        except filelock.Timeout as error:
            raise WorkspaceBusy(
                f"{self.workspace.control} is being written by another process; try again when it has finished"
            ) from error

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A read-only connection. Raises DataMissing when the workspace does not exist yet."""
        if not self.workspace.control.exists():
            raise DataMissing(f"no workspace at {self.workspace.home}; import a log first: spiritsafe import PATH")
        engine = _engine(self.workspace.control, read_only=True)
        try:
            with engine.connect() as connection:
                is_current = _check_version(connection, self.workspace.control) == SCHEMA_VERSION
            if not is_current:
                self._bring_up_to_date()
            with engine.connect() as connection:
                yield connection
        finally:
            engine.dispose()

    def _bring_up_to_date(self) -> None:
        """Add to an older file what this version needs. Raises SpiritsafeError where that cannot be written."""
        try:
            with self.write():
                pass
        except (sa.exc.OperationalError, OSError) as error:
            raise SpiritsafeError(
                f"{self.workspace.control} is of an older version and cannot be brought up to date, for it cannot be "
                "written; run any command once as its owner"
            ) from error


def _engine(path: Path, *, read_only: bool) -> sa.Engine:
    mode = "ro" if read_only else "rwc"
    engine = sa.create_engine(f"sqlite:///file:{path}?mode={mode}&uri=true", poolclass=sa.NullPool)

    @sa.event.listens_for(engine, "connect")
    def _pragmas(connection: sa.engine.interfaces.DBAPIConnection, _: object) -> None:
        cursor = connection.cursor()
        cursor.execute("pragma busy_timeout=5000")
        if not read_only:
            cursor.execute("pragma journal_mode=wal")
            cursor.execute("pragma synchronous=full")
        cursor.close()

    return engine


def _prepare(connection: sa.Connection, path: Path) -> None:
    """Make the tables in a new file, bring an older one up to date, refuse one written by a newer version."""
    if sa.inspect(connection).has_table("meta"):
        _migrate(connection, _check_version(connection, path))
        return
    metadata.create_all(connection)
    connection.execute(meta.insert().values(key="schema_version", value=str(SCHEMA_VERSION)))


def _migrate(connection: sa.Connection, version: int) -> None:
    for later in range(version + 1, SCHEMA_VERSION + 1):
        for statement in MIGRATIONS[later]:
            connection.execute(sa.text(statement))
    if version != SCHEMA_VERSION:
        metadata.create_all(connection)
        connection.execute(sa.update(meta).where(meta.c.key == "schema_version").values(value=str(SCHEMA_VERSION)))


def _check_version(connection: sa.Connection, path: Path) -> int:
    """The version that wrote the file. Raises SpiritsafeError when it is newer than this one."""
    found = connection.execute(sa.select(meta.c.value).where(meta.c.key == "schema_version")).scalar_one_or_none()
    if found is not None and int(found) > SCHEMA_VERSION:
        raise SpiritsafeError(
            f"{path} was written by a newer spiritsafe (schema {found}, this one knows {SCHEMA_VERSION}); "
            "upgrade with: pip install --upgrade spiritsafe"
        )
    return SCHEMA_VERSION if found is None else int(found)

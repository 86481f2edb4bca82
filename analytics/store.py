"""The one home of DuckDB: an in-memory reader over Parquet segments and the record. Closing it loses nothing."""

import functools
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from analytics import record
from analytics.contracts import (
    AUDITS,
    CALL_NODES,
    CALLS,
    DECISIONS,
    FAILURES,
    GOLD,
    NODE_TASKS,
    QUARANTINE,
    TASKS,
)
from analytics.engine import WORKERS
from analytics.errors import CheckFailed, DataMissing, InputError
from analytics.partials import PARTIALS
from analytics.price_rows import PRICES
from analytics.prices import Asked, PriceBook
from analytics.record import Record
from analytics.workspace import SQL, Workspace

MEMORY_LIMIT_MB = 1200  # of all processes of an analysis together
VIEW_FOLDERS = ("staging", "facts", "marts")  # views; partials and merges are run once and kept
SEGMENT_KINDS = {
    "calls": ("raw_calls", CALLS),
    "quarantine": ("quarantine", QUARANTINE),
    "decisions": ("decisions", DECISIONS),
    "audits": ("audits", AUDITS),
    "failures": ("failures", FAILURES),
}
RECORD_VIEWS = {
    "runs": record.runs,
    "students": record.students,
    "ledger": record.ledger,
    "imports": record.imports,
    "segments": record.segments,
}


@contextmanager
def open_store(
    workspace: Workspace, snapshot: Path | None = None, segments: Sequence[str] | None = None
) -> Iterator["Store"]:
    """A reader over what is committed now.

    snapshot: folder of the analysis whose tasks to show. segments: files of calls to show; None for all.
    """
    connection = duckdb.connect()
    try:
        store = Store(connection, workspace)
        store.prepare(snapshot, segments)
        yield store
    finally:
        connection.close()


class Store:
    """Queries by file name; no text of a query is made in Python."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, workspace: Workspace) -> None:
        self.connection = connection
        self.workspace = workspace

    def prepare(self, snapshot: Path | None, segments: Sequence[str] | None) -> None:
        """Make every view: raw segments, prices, the record, then the SQL of the repository."""
        workers = int(os.environ.get(WORKERS, "1"))
        self.connection.execute(f"set memory_limit = '{MEMORY_LIMIT_MB // workers}MB'")
        if workers > 1:
            self.connection.execute("set threads = 1")
        self.connection.execute("set timezone = 'UTC'")
        self.connection.execute("set preserve_insertion_order = false")
        paths = segment_paths(self.workspace)
        if segments is not None:
            paths["calls"] = list(segments)
        for kind, (view, schema) in SEGMENT_KINDS.items():
            self.parquet_view(view, paths.get(kind, []), schema)
        self.parquet_view("gold", sorted(map(str, self.workspace.gold.glob("*.parquet"))), GOLD)
        self.record_views()
        self.make_views("macros")
        self.price_rows()
        self.register("generic_prompts", pa.table({"system_prompt": pa.array([], pa.string())}))
        self.register("call_nodes", CALL_NODES.empty_table())
        self.register("node_tasks", NODE_TASKS.empty_table())
        self.make_views("staging", "facts")
        self.partial_views(PARTIALS)
        self.make_views("marts")
        self.snapshot_views(snapshot)

    def make_views(self, *folders: str) -> None:
        """Make the views of these folders of ``sql/``, each after those that it names."""
        for name, text in view_texts(*folders).items():
            self.connection.execute(text if "macros" in name else f"create view {Path(name).stem} as {text}")

    def partial_views(self, names: Iterable[str], kept: Mapping[str, pa.Table] | None = None) -> None:
        """Show kept partials, or empty ones of the right columns."""
        for name in names:
            self.register(name, kept[name] if kept else _empty_partial(name))

    def parquet_view(self, view: str, paths: list[str], schema: pa.Schema) -> None:
        """A view over Parquet files; an empty one of the right columns when there are none."""
        self.connection.execute(f"drop view if exists {view}")
        if not paths:
            self.connection.register(view, schema.empty_table())
            return
        found = self.connection.read_parquet(paths, union_by_name=True)
        missing = [name for name in schema.names if name not in found.columns]  # files of an older version
        if missing:
            self.connection.register(f"{view}_later", schema.empty_table().select(missing))
            found.create_view(f"{view}_kept")
            both = f"from {view}_kept left join {view}_later on false"
            self.connection.execute(f"create view {view} as select {view}_kept.*, {view}_later.* {both}")
        else:
            found.create_view(view)

    def snapshot_views(self, snapshot: Path | None) -> None:
        """The tasks of one analysis, what it counted, and which call belongs to which."""
        file = snapshot / "tasks.parquet" if snapshot else None
        self.parquet_view("tasks", [str(file)] if file and file.exists() else [], TASKS)
        if snapshot and (snapshot / "kept.json").exists():  # not written before partials were kept
            self.show(snapshot)

    def show(self, folder: Path) -> None:
        """Show the tasks of an analysis and what it counted, from its folder."""
        self.show_counts(folder)
        self.register("node_tasks", pq.read_table(folder / "node_tasks.parquet"))

    def show_counts(self, folder: Path) -> None:
        """Show what an analysis counted by node."""
        files = json.loads((folder / "kept.json").read_text())["call_nodes"]
        self.parquet_view("call_nodes", [str(self.workspace.home / path) for path in files], CALL_NODES)
        self.partial_views(PARTIALS, {name: _kept_partial(folder, name) for name in PARTIALS})

    def keep(self, view: str) -> None:
        """Compute a view once and let every later query read the result; for views that many queries share."""
        self.connection.execute(f"create temp table kept_{view} as select * from {view}")
        self.connection.execute(f"create or replace temp view {view} as select * from kept_{view}")

    def record_views(self) -> None:
        """Tables of the record as views of the same name; small, so they are copied."""
        for view, source in RECORD_VIEWS.items():
            self.connection.register(view, _record_table(self.workspace, source))

    def price_rows(self) -> None:
        """Dated prices of every model in the log, for the staging view to join."""
        found = self.connection.execute((SQL / "queries" / "list_models.sql").read_text()).fetchall()
        prices = PriceBook.of(self.workspace).rows_for(Asked(*each) for each in found)
        self.connection.register("price_rows", prices)

    def query(self, name: str, **parameters: object) -> pa.Table:
        """Run ``sql/queries/<name>.sql`` with named parameters."""
        return self.run(SQL / "queries" / f"{name}.sql", **parameters)

    def run(self, file: Path, **parameters: object) -> pa.Table:
        """Run one file of ``sql/`` with named parameters."""
        return self.connection.sql(file.read_text(), params=parameters or None).to_arrow_table()

    def rows(self, name: str, **parameters: object) -> list[dict[str, Any]]:
        """``query`` as dictionaries."""
        found: list[dict[str, Any]] = self.query(name, **parameters).to_pylist()
        return found

    def check(self, scope: str) -> None:
        """Run every query of ``sql/checks/<scope>``; each gives the rows that are wrong. CheckFailed shows them."""
        for path in sorted((SQL / "checks" / scope).glob("*.sql")):
            bad = self.run(path).to_pylist()
            if bad:
                raise CheckFailed(f"{path.stem} does not hold: {bad[:3]}; nothing was stored. Please report this")

    def register(self, name: str, table: pa.Table) -> None:
        """Show a table to queries under ``name``."""
        self.connection.register(name, table)

    def run_user_sql(self, text: str) -> list[dict[str, Any]]:
        """One statement of a user's, over the views alone: no file of theirs or ours can be read or written."""
        folders = [str(self.workspace.home)]
        self.connection.execute("set allowed_directories = $folders", {"folders": folders})
        self.connection.execute("set enable_external_access = false")
        self.connection.execute("set lock_configuration = true")
        try:
            statements = self.connection.extract_statements(text)
            if len(statements) != 1 or statements[0].type not in (
                duckdb.StatementType.SELECT,
                duckdb.StatementType.EXPLAIN,
            ):
                raise InputError("sql takes one select statement")
            found: list[dict[str, Any]] = self.connection.sql(statements[0].query).to_arrow_table().to_pylist()
            return found
        except duckdb.Error as error:
            raise InputError(f"sql: {str(error).splitlines()[0]}") from error


def query_problems(texts: Sequence[str], tables: Sequence[str] = ()) -> list[str | None]:
    """Why each text is no single query that could run; None where it could.

    tables: ``create table`` statements. With some, a query is explained over the empty tables; without, it is parsed
    alone. Nothing of a query is executed, and no file can be read.
    """
    limits: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": "200MB",
        "threads": 1,
        "enable_external_access": False,
        "lock_configuration": True,
    }
    with duckdb.connect(config=limits) as connection:
        made = [_make_table(connection, table) for table in tables]
        return [_query_problem(connection, text, any(made)) for text in texts]


def _make_table(connection: duckdb.DuckDBPyConnection, text: str) -> bool:
    """Whether a prompt's statement made an empty table; one that would do anything else is not tried."""
    is_plain = text.lstrip().casefold().startswith("create table") and " select " not in text.casefold()
    return is_plain and text.count(";") <= 1 and _attempt(connection, text) is None


def _query_problem(connection: duckdb.DuckDBPyConnection, text: str, is_planned: bool) -> str | None:
    try:
        statements = connection.extract_statements(text)
    except duckdb.Error as error:
        return str(error).splitlines()[0]
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        return "not one select statement"
    return _attempt(connection, f"explain {statements[0].query}") if is_planned else None


def _attempt(connection: duckdb.DuckDBPyConnection, text: str) -> str | None:
    try:
        connection.execute(text)
    except duckdb.Error as error:
        return str(error).splitlines()[0]
    return None


@functools.cache
def view_texts(*folders: str) -> Mapping[str, str]:
    """Every macro and view in these folders of ``sql/``, each after those it names."""
    macros = sorted((SQL / "macros").glob("*.sql")) if "macros" in folders else []
    texts = {f"macros/{file.stem}": file.read_text() for file in macros}
    views = {
        file.stem: file for folder in folders if folder != "macros" for file in sorted((SQL / folder).glob("*.sql"))
    }
    placed: set[str] = set()

    def place(name: str) -> None:
        if name in placed:
            return
        placed.add(name)
        text = views[name].read_text()
        for other in views:
            if other != name and re.search(rf"\b(from|join) {other}\b", text):
                place(other)
        texts[name] = text

    for name in views:
        place(name)
    return texts


@functools.cache
def _kept_partial(folder: Path, name: str) -> pa.Table:
    """A partial of an analysis; an empty one where it was made before there was such a partial."""
    file = folder / f"{name}.parquet"
    return pq.read_table(file) if file.exists() else _empty_partial(name)


def _empty_partial(name: str) -> pa.Table:
    """No rows, with the columns that the partial's query gives."""
    connection = duckdb.connect()
    for view, schema in {
        **dict(SEGMENT_KINDS.values()),
        "gold": GOLD,
        "call_nodes": CALL_NODES,
        "price_rows": PRICES,
    }.items():
        connection.register(view, schema.empty_table())
    connection.register("generic_prompts", pa.table({"system_prompt": pa.array([], pa.string())}))
    for view, text in view_texts("macros", "staging", "facts").items():
        connection.execute(text if "macros" in view else f"create view {Path(view).stem} as {text}")
    return connection.sql((SQL / "partials" / f"{name}.sql").read_text()).to_arrow_table()


def segment_paths(workspace: Workspace) -> dict[str, list[str]]:
    """Committed segments by kind. DataMissing names one whose file is gone."""
    if not workspace.control.exists():
        return {}
    with Record(workspace).read() as connection:
        rows = connection.execute(
            sa.select(record.segments.c.kind, record.segments.c.path).order_by(record.segments.c.path)
        ).all()
    paths: dict[str, list[str]] = {}
    for kind, relative in rows:
        path = workspace.home / relative
        if not path.exists():
            raise DataMissing(f"{path} is in the record but not on disk; restore it from a backup")
        paths.setdefault(kind, []).append(str(path))
    return paths


def stored_call_ids(workspace: Workspace) -> set[str]:
    """Ids of every call stored so far."""
    paths = segment_paths(workspace).get("calls", [])
    if not paths:
        return set()
    with duckdb.connect() as connection:
        column = connection.read_parquet(paths).project("call_id").to_arrow_table().column("call_id")
    return set(column.to_pylist())


def _record_table(workspace: Workspace, source: sa.Table) -> pa.Table:
    schema = pa.schema([(column.name, _arrow_type(column.type)) for column in source.columns])
    if not workspace.control.exists():
        return schema.empty_table()
    with Record(workspace).read() as connection:
        rows = [dict(row) for row in connection.execute(sa.select(source)).mappings()]
    return pa.Table.from_pylist(rows, schema=schema)


def _arrow_type(kind: sa.types.TypeEngine[Any]) -> pa.DataType:
    if isinstance(kind, sa.BigInteger):
        return pa.int64()
    return pa.float64() if isinstance(kind, sa.Float) else pa.string()

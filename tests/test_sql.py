"""Every view on given rows, and every SQL file as the house style wants it."""

import csv
import re
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from analytics.contracts import CALL_NODES, CALLS, GOLD, NODE_TASKS
from analytics.partials import PARTIALS
from analytics.price_rows import PRICES
from analytics.workspace import SQL

CASES = sorted(folder for folder in (Path(__file__).parent / "sql").glob("*/*") if folder.is_dir())
VIEWS = sorted(path for folder in ("staging", "facts", "partials", "marts") for path in (SQL / folder).glob("*.sql"))
MERGES = sorted((SQL / "merges").glob("*.sql"))
QUERIES = sorted([*(SQL / "queries").glob("*.sql"), *(SQL / "checks").glob("*/*.sql"), *MERGES])
GENERIC = pa.schema([("system_prompt", pa.string())])
CONTRACTS = {
    "generic_prompts": GENERIC, "raw_calls": CALLS, "price_rows": PRICES, "call_nodes": CALL_NODES,
    "node_tasks": NODE_TASKS, "gold": GOLD,
}  # fmt: skip


def full_schema():
    """Columns of every relation that a view may read, taken from an empty database with all views."""
    con = duckdb.connect()
    for name, schema in CONTRACTS.items():
        con.register(name, schema.empty_table())
    _make_views(con, "macros", "staging", "facts")
    for name in PARTIALS:
        con.execute(f"create view {name} as {(SQL / 'partials' / f'{name}.sql').read_text()}")
        con.execute(f"create view {name}_parts as select * from {name}")
    _make_views(con, "marts")
    return con


def _make_views(con, *folders):
    from analytics.store import view_texts

    for name, text in view_texts(*folders).items():
        con.execute(text if "macros" in name else f"create view {Path(name).stem} as {text}")


def given(con, path):
    """A CSV as a table with the relation's own columns and types; columns that it leaves out are null."""
    relation = path.stem.removeprefix("given_")
    columns = full_schema().sql(f"describe {relation}").fetchall()
    present = path.read_text().splitlines()[0].split(",")
    fields = ", ".join(f"{name if name in present else 'null'}::{kind} as {name}" for name, kind, *_ in columns)
    con.execute(f"create table {relation} as select {fields} from read_csv('{path}', all_varchar = true)")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_a_view_gives_what_its_case_expects(case):
    con = duckdb.connect()
    con.execute("set timezone = 'UTC'")
    for macro in sorted((SQL / "macros").glob("*.sql")):
        con.execute(macro.read_text())
    for path in sorted(case.glob("given_*.csv")):
        given(con, path)
    merged = case.parent.name.startswith("merged_")
    (view,) = [path for path in (MERGES if merged else VIEWS) if path.stem == case.parent.name.removeprefix("merged_")]
    con.execute(f"create view found as {view.read_text()}")
    expected = list(csv.reader((case / "expect.csv").read_text().splitlines()))
    columns = ", ".join(f"{name}::varchar as {name}" for name in expected[0])
    found = con.sql(f"select {columns} from found order by all").fetchall()
    assert [tuple(_plain(value) for value in row) for row in found] == [
        tuple(_plain(v or None) for v in row) for row in expected[1:]
    ]


def _plain(value):
    """Numbers as numbers, so that 5 and 5.0 are the same."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return value


@pytest.mark.parametrize("view", VIEWS, ids=lambda path: path.stem)
def test_every_view_has_a_case(view):
    assert [case for case in CASES if case.parent.name == view.stem]


@pytest.mark.parametrize("name", PARTIALS)
def test_every_partial_has_a_merge_of_the_same_columns(name):
    con = full_schema()
    merged = con.sql((SQL / "merges" / f"{name}.sql").read_text())
    assert list(zip(merged.columns, merged.types, strict=True)) == [
        (column, kind) for column, kind in con.sql(f"select column_name, column_type from (describe {name})").fetchall()
    ]


@pytest.mark.parametrize("path", [*VIEWS, *QUERIES], ids=lambda path: path.stem)
def test_every_sql_file_says_what_a_row_is_and_comments_each_column(path):
    text = path.read_text()
    assert re.match(r"-- One row", text)
    final = text[text.rindex("\nselect") :].split("\nfrom ")[0]
    columns = [line for line in final.splitlines() if re.search(r" as \w+,?(\s+--|$)|\.\*", line)]
    assert columns
    assert not [line for line in columns if "--" not in line]


def test_every_column_of_a_view_is_named_in_it():
    con = full_schema()
    for view in VIEWS:
        for name, *_ in con.sql(f"describe {view.stem}").fetchall():
            assert re.search(rf"\b{name}\b", view.read_text()), (view.stem, name)


def test_python_never_formats_a_value_into_a_query_of_the_repository():
    for path in [*VIEWS, *QUERIES]:
        assert "{" not in re.sub(r"\{\s*'.*?\}", "", path.read_text(), flags=re.S), path


def test_the_calls_view_keeps_the_types_of_the_contract():
    kinds = {name: kind for name, kind, *_ in full_schema().sql("describe calls").fetchall()}
    assert kinds["requested_at"] == "TIMESTAMP WITH TIME ZONE"
    assert kinds["cost_usd"].startswith("DECIMAL")
    assert set(CALLS.names) - {"first_user_text", "is_batch"} <= set(kinds) | {"first_user_text"}
    assert pa.types.is_integer(CALLS.field("in_uncached").type)

"""Ten thousand damaged rows over all importers: none crashes the import, none is lost, nothing absurd gets in."""

import copy
import json
import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.contracts import CALLS
from analytics.importers import importers
from analytics.importers.decode import expand
from analytics.importers.fields import MAX_COST_USD, MAX_MS, MAX_TOKENS, RowError
from analytics.ingest import import_files
from analytics.store import open_store
from analytics.workspace import Workspace
from tests.importers.test_contract import sample_rows
from tests.importers.usage_rows import ROWS, Tokens

LINES = 10_000
ABSURD = (
    float("nan"),
    float("inf"),
    float("-inf"),
    -1,
    -0.5,
    10**12,
    10**30,
    1e300,
    "many",
    "",
    True,
    None,
    [],
    {},
    [1],
    {"a": 1},
)
BYTES = b'\x01"{}[],:0-9\xffabcNaN\\'
COUNTS = [field.name for field in CALLS if field.name.startswith(("in_", "out_")) and field.type == "int64"]


def leaves(value, path=()):
    """Paths to everything in a row that is no container."""
    if isinstance(value, dict | list) and value:
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            yield from leaves(inner, (*path, key))
    elif path:
        yield path


def put(row, path, value):
    for key in path[:-1]:
        row = row[key]
    row[path[-1]] = value


def damaged_lines(name, count, seed):
    """Rows of one importer: some whole, some with absurd values, some with broken bytes."""
    rng = random.Random(f"{seed}{name}")
    for number in range(count):
        used = Tokens(
            *(rng.randrange(1_000) for _ in range(2)), 50, rng.randrange(50), *(rng.randrange(1_000) for _ in range(2))
        )
        row = json.loads(json.dumps(ROWS[name](used)).replace("-1", f"-{number}"))
        for _ in range(rng.choice([0, 1, 2, 4])):
            places = list(leaves(row))
            put(row, rng.choice(places), copy.deepcopy(rng.choice(ABSURD)))
        line = bytearray(json.dumps(row).encode())
        for _ in range(rng.choice([0, 0, 0, 1, 3])):
            line[rng.randrange(len(line))] = rng.choice(BYTES)
        yield bytes(line).replace(b"\n", b" ")


def test_ten_thousand_damaged_lines_all_come_out_somewhere(tmp_path):
    workspace = Workspace(tmp_path / "home")
    names = list(importers())
    met = 0
    for place, name in enumerate(names):
        count = LINES // len(names) + (place < LINES % len(names))
        path = tmp_path / f"{name}.jsonl"
        path.write_bytes(b"\n".join(damaged_lines(name, count, seed=3)) + b"\n")
        report = import_files(workspace, [str(path)], name)
        assert report.files[0].error is None
        assert report.rows_in == count == report.calls + report.duplicates + report.quarantined
        assert report.calls + report.duplicates > count / 10 and report.quarantined > count / 10, name
        met += report.rows_in
    assert met == LINES
    with open_store(workspace) as store:
        for name in COUNTS:
            bad = f"select count(*) from raw_calls where not ({name} is null or {name} between 0 and {2 * MAX_TOKENS})"
            assert store.connection.sql(bad).fetchall() == [(0,)], name
        for name, most in (("logged_cost_usd", MAX_COST_USD), ("latency_ms", MAX_MS), ("ttft_ms", MAX_MS)):
            bad = f"select count(*) from raw_calls where not ({name} is null or ({name} between 0 and {most} and isfinite({name})))"
            assert store.connection.sql(bad).fetchall() == [(0,)], name
        odd = (
            "select count(*) from raw_calls where requested_at is null or year(requested_at) not between 2018 and 2099"
        )
        assert store.connection.sql(odd).fetchall() == [(0,)]


def numbers(name):
    """Paths to the counts, costs and durations of an importer's row."""
    row = ROWS[name](Tokens(5, 4, 3, 2, 7, 6))
    return [path for path in leaves(row) if type(value_at(row, path)) in (int, float)]


def value_at(row, path):
    for key in path:
        row = row[key]
    return row


@pytest.mark.parametrize("name", importers())
@pytest.mark.parametrize("bad", [-1, -0.5, 10**15, 1e300, math.nan, math.inf], ids=str)
def test_absurd_numbers_never_get_in(name, bad):
    """Whatever number of a row is absurd: it is refused, or it was none that is kept."""
    importer = importers()[name]
    for path in numbers(name):
        row = json.loads(json.dumps(ROWS[name](Tokens(5, 4, 3, 2, 7, 6))))
        put(row, path, bad)
        try:
            found = importer.read(importer.gather([row])[0] if importer.gather else row)
        except RowError:
            continue
        for column in (*COUNTS, "latency_ms", "ttft_ms", "logged_cost_usd"):
            value = found.get(column)
            assert value is None or (0 <= value < 10**9 and math.isfinite(value)), (path, column, value)
        assert found.get("requested_at") is None or found["requested_at"] > 0


json_value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("name", importers())
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_value_anywhere_is_read_or_refused(name, data):
    importer = importers()[name]
    source = data.draw(st.sampled_from([ROWS[name](Tokens(5, 4, 3, 2, 7, 6)), *sample_rows(name)[:6]]))
    row = json.loads(json.dumps(source))
    inner = [path[:depth] for path in leaves(row) for depth in range(1, len(path) + 1)]
    put(row, data.draw(st.sampled_from(inner)), data.draw(json_value))
    assert 0 <= importer.recognise(row) <= 1
    try:
        rows = expand(row, importer)
    except RowError:
        return
    for each in importer.gather(rows) if importer.gather else rows:
        if importer.link:
            importer.link(each)
        try:
            importer.read(each)
        except RowError:
            continue


@given(row=st.dictionaries(st.text(max_size=12), json_value, max_size=6))
def test_no_importer_is_upset_by_any_object(row):
    for importer in importers().values():
        assert 0 <= importer.recognise(row) <= 1
        try:
            for each in expand(row, importer):
                importer.read(each)
        except RowError:
            continue

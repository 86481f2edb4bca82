"""What may be named to import beside files: standard input, tables, buckets, a log of one's own."""

import csv
import importlib.util
import io
import json
import sys
import types

import pytest
import sqlalchemy as sa

from analytics import sources_sql
from analytics.errors import DataMissing, InputError, MissingExtra, UnknownName
from analytics.ingest import import_files
from analytics.sources_csv import delimiter_of
from analytics.sources_map import read_map
from analytics.sources_objects import list_objects
from analytics.sources_sql import shown_url, table_blocks
from analytics.store import open_store
from analytics.workspace import Workspace
from tests.importers.usage_rows import ROWS, Tokens
from tests.loglines import START, shop_mail, spend_row, write_jsonl

SECRET = "s3cr3t"


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "home")


def stored(workspace, select):
    with open_store(workspace) as store:
        return store.connection.sql(select).fetchall()


def accounts(report):
    return report.rows_in, report.calls, report.duplicates, report.quarantined


def write_csv(path, rows, delimiter=","):
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_of_the_spend_table_is_read_like_its_rows(workspace, tmp_path, delimiter):
    rows = list(shop_mail(30))
    path = write_csv(tmp_path / "spend.csv", rows, delimiter)
    assert accounts(import_files(workspace, [str(path)])) == (30, 30, 0, 0)
    again = write_jsonl(tmp_path / "spend.jsonl", rows)
    assert accounts(import_files(workspace, [str(again)])) == (30, 0, 30, 0)
    assert stored(workspace, "select sum(in_uncached), count(input_text), min(source_line) from calls") == [
        (6000, 30, 2)
    ]


def test_lines_within_a_value_and_values_beyond_the_columns(workspace, tmp_path):
    rows = [spend_row(number, START, end_user="two\nlines") for number in range(3)]
    path = write_csv(tmp_path / "spend.csv", rows)
    with path.open("a") as file:
        file.write(",".join(["x"] * 60) + "\n")
    assert accounts(import_files(workspace, [str(path)])) == (4, 3, 0, 1)
    assert "more values" in stored(workspace, "select reason from quarantine")[0][0]


@pytest.mark.parametrize("head", [b"dear diary, nothing happened\n", b"a,b\n1,2\n", b'{"a": 1, "b": 2}\n'])
def test_not_everything_with_a_comma_is_a_table(head):
    assert delimiter_of(head) is None


def test_standard_input_is_imported_once(workspace, monkeypatch):
    text = "".join(json.dumps(row) + "\n" for row in shop_mail(20)).encode()
    for expected in ((20, 20, 0, 0), (20, 0, 20, 0)):
        monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(text)))
        report = import_files(workspace, ["-"])
        assert accounts(report) == expected and report.files[0].file == "-"
    assert list((workspace.home / "import-aside").iterdir()) == []


def test_empty_standard_input_is_said_to_be_empty(workspace, monkeypatch):
    monkeypatch.setattr(sys, "stdin", types.SimpleNamespace(buffer=io.BytesIO(b"")))
    assert "standard input is empty" in import_files(workspace, ["-"]).files[0].error


def test_the_command_reads_standard_input(spiritsafe, tmp_path):
    text = "".join(json.dumps(row) + "\n" for row in shop_mail(5))
    done = spiritsafe("import", "-", "--json", "--home", tmp_path / "home", input=text)
    found = json.loads(done.stdout)
    assert (found["calls"], found["files"][0]["format"], found["files"][0]["confidence"]) == (5, "litellm", 1.0)


def test_a_bucket_without_the_extension_says_what_to_do():
    with pytest.raises(DataMissing, match="httpfs extension"):
        list_objects("s3://bucket/logs/")


def test_an_unknown_scheme_lists_the_known_ones(workspace):
    with pytest.raises(InputError, match="postgresql://"):
        import_files(workspace, ["ftp://host/logs"])


def spend_table(path, rows):
    engine = sa.create_engine(f"sqlite:///{path}")
    kinds = {int: sa.Integer, float: sa.Float}
    table = sa.Table(
        sources_sql.TABLE,
        sa.MetaData(),
        *(sa.Column(name, kinds.get(type(value), sa.Text)) for name, value in rows[0].items()),
    )
    table.create(engine)
    with engine.begin() as connection:
        connection.execute(table.insert(), rows)
    engine.dispose()
    return f"sqlite:///{path}"


def test_a_table_is_streamed_in_parts_and_a_second_time_adds_nothing(workspace, tmp_path, monkeypatch):
    monkeypatch.setattr(sources_sql, "ROWS_A_BLOCK", 20)
    monkeypatch.setattr(sources_sql, "BLOCKS_A_PART", 2)
    url = spend_table(tmp_path / "litellm.db", [*shop_mail(90), spend_row(999, START, prompt_tokens=-1)])
    assert accounts(import_files(workspace, [url])) == (91, 90, 0, 1)
    assert accounts(import_files(workspace, [url])) == (91, 0, 90, 1)
    assert stored(workspace, "select count(distinct import_id) from imports") == [(6,)]
    assert stored(workspace, "select count(distinct source_line), max(source_line) from calls") == [(90, 90)]


def test_a_table_that_breaks_keeps_its_parts_and_goes_on_next_time(workspace, tmp_path, monkeypatch):
    monkeypatch.setattr(sources_sql, "ROWS_A_BLOCK", 20)
    monkeypatch.setattr(sources_sql, "BLOCKS_A_PART", 2)
    url = spend_table(tmp_path / "litellm.db", list(shop_mail(90)))
    whole = list(table_blocks(url))

    def breaks(_):
        yield from whole[:3]
        raise DataMissing("the server went away")

    monkeypatch.setattr("analytics.ingest.table_blocks", breaks)
    report = import_files(workspace, [url])
    assert accounts(report) == (40, 40, 0, 0) and "went away" in report.files[0].error
    monkeypatch.undo()
    assert accounts(import_files(workspace, [url])) == (90, 50, 40, 0)


def test_a_missing_table_is_named_without_the_password(tmp_path, workspace):
    report = import_files(workspace, [f"sqlite:///{tmp_path}/none.db"])
    assert "cannot be read" in report.files[0].error and "LiteLLM_SpendLogs" in report.files[0].error


def test_a_password_is_never_shown():
    url = f"postgresql://reader:{SECRET}@127.0.0.1:1/db?sslpassword={SECRET}"
    assert SECRET not in shown_url(url) and "127.0.0.1:1/db" in shown_url(url)
    with pytest.raises(InputError) as refused:
        shown_url(f"postgresql://reader:{SECRET}@host:port/db")
    assert SECRET not in str(refused.value)


def test_a_password_in_the_drivers_own_message_is_taken_out():
    failed = sa.exc.OperationalError("select", {}, RuntimeError(f"no route with {SECRET}"))
    assert SECRET not in sources_sql._why(failed, sa.make_url(f"postgresql://reader:{SECRET}@host/db"))


def test_a_missing_driver_is_named(workspace, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(MissingExtra, match="psycopg"):
        import_files(workspace, [f"postgresql://reader:{SECRET}@host/db"])


MAP = """
convention = "exclusive"
timezone = "Europe/Berlin"
[columns]
requested_at = "ts"
model = "engine.name"
input_text = "q"
output_text = "a"
input_tokens = "usage.in"
output_tokens = "usage.out"
cache_read_tokens = "usage.cached"
app = "job"
[constants]
provider = "openai"
"""


def own_row(number):
    usage = {"in": 10, "out": 3, "cached": 90}
    return {
        "ts": f"2026-07-01 12:00:{number:02d}",
        "engine": {"name": "gpt-4o"},
        "q": f"q{number}",
        "a": "yes",
        "usage": usage,
        "job": "faq",
    }


def test_a_map_gives_the_columns_of_an_own_log_their_meaning(workspace, tmp_path):
    (tmp_path / "map.toml").write_text(MAP)
    log = write_jsonl(tmp_path / "own.jsonl", [own_row(number) for number in range(3)])
    report = import_files(workspace, [str(log)], columns=read_map(tmp_path / "map.toml"))
    assert accounts(report) == (3, 3, 0, 0) and report.files[0].format == "generic"
    columns = "requested_at::varchar, app, provider, model, input_text, output_text, in_uncached, in_cache_read, token_convention"
    assert stored(workspace, f"select {columns} from stg_calls order by 1 limit 1") == [
        ("2026-07-01 10:00:00+00", "faq", "openai", "gpt-4o", "q0", "yes", 10, 90, "exclusive")
    ]


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("[columns]\nmodle = 'm'", UnknownName, "modle"),
        ("[columns]\nmodel = 3", InputError, "columns.model"),
        ("convention = 'odd'\n[columns]\nmodel = 'm'", InputError, "convention"),
        ("timezone = 'Mars/Base'\n[columns]\nmodel = 'm'", InputError, "timezone"),
        ("constants = 1", InputError, "columns"),
        ("not toml", InputError, "TOML"),
    ],
)
def test_a_bad_map_says_what_is_wrong(workspace, tmp_path, text, error, message):
    (tmp_path / "map.toml").write_text(text)
    log = write_jsonl(tmp_path / "own.jsonl", [own_row(1)])
    with pytest.raises(error, match=message):
        import_files(workspace, [str(log)], columns=read_map(tmp_path / "map.toml"))


def test_a_map_for_a_known_format_is_refused(workspace, tmp_path):
    with pytest.raises(InputError, match="--format generic"):
        import_files(
            workspace, [str(write_jsonl(tmp_path / "a.jsonl", shop_mail(1)))], "litellm", columns={"columns": {}}
        )


def test_two_formats_about_as_likely_are_named_and_not_guessed_between(workspace, tmp_path):
    used = Tokens(5, 0, 0, 0, 7, 0)
    rows = [ROWS[name](used) for name in ("openai_pairs", "anthropic_messages")]
    report = import_files(workspace, [str(write_jsonl(tmp_path / "mixed.jsonl", rows))])
    assert all(part in report.files[0].error for part in ("openai_pairs", "anthropic_messages", "--format"))
    report = import_files(workspace, [str(tmp_path / "mixed.jsonl")], "openai_pairs")
    assert accounts(report) == (2, 2, 0, 0) and report.files[0].confidence is None


def test_a_page_of_an_api_is_the_rows_under_its_data(workspace, tmp_path):
    rows = [
        json.loads(json.dumps(ROWS["langfuse"](Tokens(5, 0, 0, 0, 7, 0))).replace("o-1", f"o-{n}")) for n in range(3)
    ]
    (tmp_path / "page.json").write_text(json.dumps({"data": rows, "meta": {"page": 1}}))
    (tmp_path / "pretty.json").write_text(json.dumps({"data": rows, "meta": {"page": 1}}, indent=1))
    assert accounts(import_files(workspace, [str(tmp_path / "page.json")])) == (3, 3, 0, 0)
    assert accounts(import_files(workspace, [str(tmp_path / "pretty.json")])) == (3, 0, 3, 0)


def test_many_small_files_are_one_segment_and_each_is_reported(workspace, tmp_path):
    logs = tmp_path / "logs"
    logs.mkdir()
    for number in range(40):
        (logs / f"{number:02d}.json").write_text(json.dumps(spend_row(number % 35, START)))
    (logs / "bad.json").write_text("dear diary")
    report = import_files(workspace, [str(logs)])
    assert accounts(report) == (40, 35, 5, 0) and len(report.files) == 41
    assert [file.file for file in report.files if file.error] == [str(logs / "bad.json")]
    assert len(list(workspace.calls.rglob("*.parquet"))) == 1
    assert stored(workspace, "select count(*), count(distinct source_file) from calls") == [(35, 35)]
    assert accounts(import_files(workspace, [str(logs)])) == (40, 0, 40, 0)


def test_calls_without_a_time_get_the_files_or_the_one_that_is_given(workspace, tmp_path):
    from datetime import UTC, datetime

    row = ROWS["anthropic_batches"](Tokens(5, 0, 0, 0, 7, 0))
    log = write_jsonl(tmp_path / "results.jsonl", [row])
    report = import_files(workspace, [str(log)], made_at=datetime(2026, 2, 3, tzinfo=UTC))
    assert "2026-02-03" in report.files[0].notes[0]
    assert stored(workspace, "select requested_at::varchar, is_batch from stg_calls") == [
        ("2026-02-03 00:00:00+00", True)
    ]

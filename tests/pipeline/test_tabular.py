"""Files that a person brings: read row by row, refused with file, row and reason."""

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analytics.errors import DataMissing, InputError
from pipeline.tabular import column_text, read_rows

ROWS = [{"text": "where is it, please", "label": "lost"}, {"text": 'a "quoted"\nline', "label": "found"}]


def write(tmp_path, suffix):
    path = tmp_path / f"pairs{suffix}"
    if suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(ROWS), path)
    elif suffix == ".csv":
        path.write_text('text,label\n"where is it, please",lost\n"a ""quoted""\nline",found\n', "utf-8-sig")
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return path


@pytest.mark.parametrize("suffix", [".jsonl", ".csv", ".parquet"])
def test_every_format_gives_the_same_rows(tmp_path, suffix):
    assert [dict(row) for row in read_rows(str(write(tmp_path, suffix)))] == ROWS


def test_a_dash_reads_standard_input(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO('{"text": "hello"}\n\n'))
    assert list(read_rows("-")) == [{"text": "hello"}]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("half.jsonl", b'{"text": "a"}\n{"text": ', "half.jsonl:2 is not JSON"),
        ("list.jsonl", b"[1, 2]\n", "list.jsonl:1 should be a JSON object"),
        ("short.csv", b"text,label\nonly one\n", "short.csv:2 has another number of fields"),
        ("latin.csv", "text\né\n".encode("latin-1"), "latin.csv is not UTF-8"),
        ("broken.parquet", b"PAR1 and no more", "not a readable Parquet"),
        ("notes.docx", b"x", "cannot tell its format"),
    ],
)
def test_a_bad_file_is_refused_with_its_reason(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        list(read_rows(str(tmp_path / name)))


@pytest.mark.parametrize("make", [lambda path: None, lambda path: path.touch(), lambda path: path.mkdir()])
def test_a_missing_or_empty_file_is_missing_data(tmp_path, make):
    path = tmp_path / "pairs.jsonl"
    make(path)
    with pytest.raises(DataMissing, match=r"pairs\.jsonl"):
        list(read_rows(str(path)))


def test_a_missing_column_names_the_known_ones():
    with pytest.raises(InputError, match=r"row 7 has no column 'question'; there are: text, label"):
        column_text(ROWS[0], "question", "row 7")


def test_a_value_that_is_not_text_becomes_json():
    assert column_text({"answer": {"b": 1, "a": "é"}}, "answer", "") == '{"a": "é", "b": 1}'
    assert column_text({"answer": None}, "answer", "") is None

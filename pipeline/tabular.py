"""Rows of a JSONL, CSV or Parquet file that a person brings, one at a time, with clear errors."""

import csv
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import orjson

from analytics.errors import DataMissing, InputError

Row = Mapping[str, object]
STDIN = "-"
FIELD_LIMIT = 50_000_000  # characters of one CSV field; Python's own limit would refuse long prompts
FORMATS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet")


def read_rows(path: str) -> Iterator[Row]:
    """The rows of a file, or of standard input (JSONL) for ``-``."""
    if path == STDIN:
        yield from _json_lines(iter(sys.stdin), "standard input")
        return
    file = existing(path)
    suffix = file.suffix.lower()
    if suffix not in FORMATS:
        raise InputError(f"{file}: cannot tell its format; name it {', '.join(FORMATS)}")
    if suffix == ".parquet":
        yield from _parquet(file)
    else:
        yield from _text(file, suffix)


def existing(path: str) -> Path:
    """The file at ``path``; raises DataMissing when it is not there or holds nothing."""
    file = Path(path).expanduser().absolute()
    if not file.is_file():
        raise DataMissing(f"{file} is not a file")
    if file.stat().st_size == 0:
        raise DataMissing(f"{file} is empty")
    return file


def column_text(row: Row, column: str, where: str) -> str | None:
    """The text under ``column``: null stays null, anything but text becomes JSON."""
    if column not in row:
        raise InputError(f"{where} has no column {column!r}; there are: {', '.join(map(str, row)) or 'none'}")
    value = row[column]
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


def _text(file: Path, suffix: str) -> Iterator[Row]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            if suffix in (".csv", ".tsv"):
                yield from _delimited(lines, str(file), "\t" if suffix == ".tsv" else ",")
            else:
                yield from _json_lines(lines, str(file))
    except UnicodeDecodeError as error:
        raise InputError(f"{file} is not UTF-8 text: {error.reason} at byte {error.start}") from error


def _json_lines(lines: Iterator[str], name: str) -> Iterator[Row]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise InputError(f"{name}:{number} is not JSON: {error}") from error
        if not isinstance(row, dict):
            raise InputError(f"{name}:{number} should be a JSON object on one line")
        yield row


def _delimited(lines: Iterator[str], name: str, delimiter: str) -> Iterator[Row]:
    csv.field_size_limit(FIELD_LIMIT)
    reader = csv.DictReader(lines, delimiter=delimiter)
    try:
        for row in reader:
            if None in row or None in row.values():
                raise InputError(f"{name}:{reader.line_num} has another number of fields than the header")
            yield row
    except csv.Error as error:
        raise InputError(f"{name}:{reader.line_num}: {error}") from error


def _parquet(file: Path) -> Iterator[Row]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(file) as parquet:
            for batch in parquet.iter_batches(batch_size=4096):
                yield from batch.to_pylist()
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{file} is not a readable Parquet file: {error}") from error

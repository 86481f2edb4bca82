"""From one line to the rows it holds, or to the reason why it holds none."""

import json
from typing import Any

import orjson

from analytics.importers import Fields, Importer, Row
from analytics.importers.fields import RowError
from analytics.sources_csv import TOO_MANY


def decode(raw: Any) -> Fields:
    """One line of JSON, or a row that a table gave. Raises RowError."""
    if not isinstance(raw, bytes):
        if TOO_MANY in raw:
            raise RowError("columns: the row has more values than the table has columns")
        return dict(raw)
    try:
        row = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise RowError(_why_not_json(raw, error)) from None
    if type(row) is not dict:
        raise RowError(f"a JSON {type(row).__name__}, not an object")
    return row


def expand(record: Row, importer: Importer) -> list[Row]:
    """The rows that one record holds; a record without any is one row, and no call. Raises RowError."""
    if importer.expand is None:
        return [record]
    rows = list(importer.expand(record))
    if not rows:
        raise RowError("not a model call: the record holds no rows")
    return rows


def _why_not_json(raw: bytes, error: ValueError) -> str:
    """A reason that names the field where one can be found; the slow path, for rejected rows only."""
    try:
        text = raw.decode()
    except UnicodeDecodeError as bad:
        return f"not UTF-8 text (byte {bad.start + 1})"
    try:
        row = json.loads(text, parse_constant=lambda constant: f"<{constant}>")
    except RecursionError:
        return "JSON nested too deeply"
    except ValueError:
        return f"not complete JSON: {error}"
    bad_fields = (
        [key for key, value in row.items() if value in ("<NaN>", "<Infinity>", "<-Infinity>")]
        if isinstance(row, dict)
        else []
    )
    if bad_fields:
        return f"{bad_fields[0]}: NaN or infinite is not a number"
    return f"not JSON that can be stored: {error}"

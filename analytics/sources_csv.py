"""Tables in text: CSV and its kin. Values stay text; importers read numbers out of text strictly."""

import codecs
import csv
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

ROWS_A_BLOCK = 4_096
MAX_VALUE_CHARS = 16 << 20
TOO_MANY = "values beyond the columns of the table"  # key under which a row keeps what has no column
DELIMITERS = (",", "\t", ";", "|")
NAME = re.compile(r'"?[A-Za-z_][\w .()/:-]{0,60}"?')


def delimiter_of(head: bytes) -> str | None:
    """What separates the columns, if the first line reads as at least three column names."""
    first = head.lstrip(codecs.BOM_UTF8).split(b"\n", 1)[0].decode(errors="replace").strip()
    for delimiter in DELIMITERS:
        names = first.split(delimiter)
        if len(names) >= 3 and all(NAME.fullmatch(name.strip()) for name in names):
            return delimiter
    return None


def csv_rows(
    chunks: Iterator[tuple[bytes, str | None]], delimiter: str
) -> Iterator[tuple[list[dict[str, Any]], str | None]]:
    """Rows by column name, some thousands at a time, with the reason when the table ends too early.

    An empty value is unknown, and so None.
    """
    why: list[str | None] = [None]
    csv.field_size_limit(MAX_VALUE_CHARS)
    rows = csv.DictReader(_lines(chunks, why), restkey=TOO_MANY, delimiter=delimiter)
    while True:
        block: list[dict[str, Any]] = []
        try:
            for row in islice(rows, ROWS_A_BLOCK):
                block.append({key: value if value != "" else None for key, value in row.items()})
        except csv.Error as error:
            yield block, f"the table cannot be read after row {rows.line_num} ({error})"
            return
        if len(block) < ROWS_A_BLOCK:
            yield block, why[0]
            return
        yield block, None


def _lines(chunks: Iterator[tuple[bytes, str | None]], why: list[str | None]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
    carry = ""
    for data, broken in chunks:
        why[0] = broken
        lines = (carry + decoder.decode(data)).split("\n")
        carry = lines.pop()
        for line in lines:
            yield line.replace("\x00", "") + "\n"
    if carry:
        yield carry

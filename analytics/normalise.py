"""From the rows of one block to columns of the ``calls`` contract, and to reasons for those that cannot be.

This is the part of an import that costs time; it runs in worker processes and touches no state.
"""

import hashlib
import json
import operator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
import pyarrow as pa

from analytics.contracts import CALLS
from analytics.importers import Fields, Importer
from analytics.importers.fields import RowError
from analytics.sources import MAX_LINE_BYTES, Block

EXCERPT = 200
CONSTANT = ("source", "source_file", "token_convention", "weight")  # the same for every row of a file
VARYING = tuple(field.name for field in CALLS if field.name not in CONSTANT)
BLANK: Fields = dict.fromkeys(VARYING)
IN_ORDER = operator.itemgetter(*VARYING)


@dataclass(frozen=True)
class Rejected:
    """One row that cannot be a call."""

    line: int
    reason: str
    excerpt: str


@dataclass
class Normalised:
    """One block, read. ``ids`` and ``has_own_id`` run beside the rows of ``table``."""

    table: pa.Table
    ids: list[str]
    has_own_id: list[bool]
    rejected: list[Rejected]
    rows_in: int  # rows met, counted apart from what became of them


def normalise(block: Block, importer: Importer, source_file: str, weight: float) -> Normalised:
    """Every row of the block as a call or as a rejection: the two add up to the rows that came in."""
    rows: list[tuple[Any, ...]] = []
    ids: list[str] = []
    own: list[bool] = []
    rejected = [
        Rejected(line, f"line longer than {MAX_LINE_BYTES >> 20} MiB", _text(head)) for line, head in block.oversized
    ]
    decoded = block.rows if block.rows is not None else block.lines
    rows_in = len(block.oversized)
    for line, raw in enumerate(decoded, block.first_line):
        if isinstance(raw, bytes) and (not raw or raw.isspace()):
            continue
        rows_in += 1
        try:
            fields = importer.read(_decode(raw))
            fields["user_hash"] = _hashed(str(fields.get("user_hash") or ""))
            own.append(_identify(fields, raw))
        except RowError as error:
            rejected.append(Rejected(line, str(error), _text(raw)))
            continue
        fields["source_line"] = line
        ids.append(fields["call_id"])
        # Taken apart while the row is still in the processor's cache: four times as fast as column by column.
        rows.append(IN_ORDER({**BLANK, **fields}))
    constant = (importer.name, source_file, importer.token_convention, weight)
    return Normalised(_table(rows, dict(zip(CONSTANT, constant, strict=True))), ids, own, rejected, rows_in)


@lru_cache(maxsize=50_000)
def _hashed(name: str) -> str | None:
    """A user's name as a hash: equal names stay equal, and the name itself is not stored."""
    return hashlib.blake2b(name.encode(errors="replace"), digest_size=16).hexdigest() if name else None


def _decode(raw: Any) -> Fields:
    if not isinstance(raw, bytes):
        return dict(raw)
    try:
        row = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise RowError(_why_not_json(raw, error)) from None
    if type(row) is not dict:
        raise RowError(f"a JSON {type(row).__name__}, not an object")
    return row


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


def _identify(fields: Fields, raw: Any) -> bool:
    """Check the id, or make one from the content; says whether the source had its own."""
    call_id = fields.get("call_id")
    if isinstance(call_id, str) and 0 < len(call_id) <= 300:
        return True
    if call_id is not None and not isinstance(call_id, str | int):
        raise RowError(f"id: {type(call_id).__name__} is not an id")
    if call_id:
        fields["call_id"] = str(call_id)[:300]
        return True
    content = raw if isinstance(raw, bytes) else orjson.dumps(raw, default=str)
    fields["call_id"] = "row-" + hashlib.blake2b(content.strip(), digest_size=16).hexdigest()
    return False


def _table(rows: list[tuple[Any, ...]], constant: Fields) -> pa.Table:
    values = dict(zip(VARYING, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(VARYING, ())
    columns = [
        pa.repeat(pa.scalar(constant[field.name], field.type), len(rows))
        if field.name in constant
        else _column(values[field.name], field.type)
        for field in CALLS
    ]
    return pa.Table.from_arrays(columns, schema=CALLS)


def _column(values: tuple[Any, ...], kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        # A source wrote a number where a name belongs: text is kept, anything else becomes unknown.
        return pa.array([_coerce(value, kind) for value in values], kind)


def _coerce(value: Any, kind: pa.DataType) -> Any:
    if value is None or not pa.types.is_string(kind):
        return value if isinstance(value, int | float) else None
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()


def _text(raw: Any) -> str:
    """The start of a row, for a person; undecodable bytes are shown as such."""
    if isinstance(raw, bytes):
        return raw[: EXCERPT * 4].decode(errors="replace")[:EXCERPT]
    return orjson.dumps(raw, default=str).decode()[:EXCERPT]

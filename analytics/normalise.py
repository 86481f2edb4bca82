"""From the rows of one block to columns of the ``calls`` contract, and to reasons for those that cannot be.

This is the part of an import that costs time; it runs in worker processes and touches no state.
"""

import hashlib
import operator
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import pyarrow as pa

from analytics.contracts import CALLS
from analytics.importers import Fields, Importer, Row
from analytics.importers.decode import decode, expand
from analytics.importers.fields import RowError
from analytics.privacy.columns import Redacted, redact_columns
from analytics.privacy.excerpts import WITHHELD, safe_excerpt
from analytics.privacy.tokens import Privacy
from analytics.sources import MAX_LINE_BYTES, Block

EXCERPT = 200
Found = tuple[int, Any, Row | RowError]  # of a row: its line, as it came, and decoded, or why it cannot be
CONSTANT = ("source", "source_file", "token_convention", "weight")  # the same for every row of a file
VARYING = tuple(field.name for field in CALLS if field.name not in CONSTANT)
BLANK: Fields = dict.fromkeys(VARYING)
IN_ORDER = operator.itemgetter(*VARYING)
REPEATED = "not a model call: its tokens are those of another row of the trace"


@dataclass(frozen=True)
class Context:
    """What is known of a file beside its rows."""

    source_file: str
    weight: float  # calls that each row stands for
    privacy: Privacy  # what becomes of personal data
    taken_at: int | None = None  # for rows without a time of their own [microseconds since the epoch]
    repeats: frozenset[str] = frozenset()  # ids of rows whose tokens other rows report
    requests: Mapping[str, Any] = field(default_factory=dict)  # by custom_id, from neighbouring files


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
    timeless: int  # calls that got the file's time
    redacted: Mapping[str, int]  # personal values that tokens took the place of, by kind


def normalise(block: Block, importer: Importer, context: Context) -> Normalised:
    """Every row of the block as a call or as a rejection: the two add up to the rows that came in.

    Nothing personal that patterns can tell leaves this function, unless the import was told to keep it.
    """
    rows: list[tuple[Any, ...]] = []
    ids: list[str] = []
    own: list[bool] = []
    timeless = 0
    rejected = [
        Rejected(line, f"line longer than {MAX_LINE_BYTES >> 20} MiB", _text(head)) for line, head in block.oversized
    ]
    rows_in = len(block.oversized)
    is_simple = not context.repeats and not context.requests
    for line, raw, row in _found(block, importer):
        rows_in += 1
        try:
            if isinstance(row, RowError):
                raise row
            fields = importer.read(row) if is_simple else _read(row, importer, context)
            has_id = _identify(fields, raw)
            if not importer.has_times:
                timeless += _date(fields, context)
        except RowError as error:
            rejected.append(Rejected(line, str(error), _text(raw)))
            continue
        finish(fields, context.privacy)
        fields["source_line"] = line
        ids.append(fields["call_id"])
        own.append(has_id)
        # Taken apart while the row is still in the processor's cache: four times as fast as column by column.
        rows.append(IN_ORDER({**BLANK, **fields}))
    constant = (importer.name, context.source_file, importer.token_convention, context.weight)
    found = _without_personal_data(rows, context.privacy)
    if found.counts:
        ids = list(found.columns["call_id"])
    table = _table(found.columns, len(rows), dict(zip(CONSTANT, constant, strict=True)))
    rejected = [_safe(row, context.privacy) for row in rejected]
    block_read = Normalised(table, ids, own, rejected, rows_in, timeless, found.counts)
    return _without(block_read, found.failed) if found.failed else block_read


def finish(fields: Fields, privacy: Privacy) -> None:
    """The one place where the names in a call are final, before they are stored: whoever asked is hashed here.
    Texts follow a block at a time, which is a hundred times as fast as one by one."""
    fields["user_hash"] = privacy.hashed(str(fields.get("user_hash") or ""), "user")
    fields["key_hash"] = privacy.hashed(str(fields.get("key_hash") or ""), "key")


def _without_personal_data(rows: list[tuple[Any, ...]], privacy: Privacy) -> Redacted:
    """The rows as columns, their texts redacted."""
    columns = dict(zip(VARYING, zip(*rows, strict=True), strict=True)) if rows else dict.fromkeys(VARYING, ())
    if not privacy.redacts:
        return Redacted(columns)
    return redact_columns(columns, privacy, lambda value: _coerce(value, pa.string()))


def _safe(row: Rejected, privacy: Privacy) -> Rejected:
    """A rejection that shows nothing personal; its reason may quote a value."""
    return Rejected(row.line, safe_excerpt(row.reason, privacy), safe_excerpt(row.excerpt, privacy, EXCERPT))


def _without(block: Normalised, failed: Mapping[int, str]) -> Normalised:
    """Rows whose redaction failed are rejected, never kept as they came."""
    lines = block.table.column("source_line").to_pylist()
    kept = [at for at in range(len(lines)) if at not in failed]
    return replace(
        block,
        table=block.table.take(pa.array(kept, pa.int64())),
        ids=[block.ids[at] for at in kept],
        has_own_id=[block.has_own_id[at] for at in kept],
        rejected=[*block.rejected, *(Rejected(lines[at], failed[at], WITHHELD) for at in sorted(failed))],
    )


def _found(block: Block, importer: Importer) -> Iterator[Found]:
    """The rows of a block, one at a time, or together where they lean on each other."""
    found = _one_by_one(block, importer)
    if importer.gather is None:
        return found
    kept = list(found)
    rows = iter(importer.gather([row for _, _, row in kept if not isinstance(row, RowError)]))
    return ((line, raw, row if isinstance(row, RowError) else next(rows)) for line, raw, row in kept)


def _one_by_one(block: Block, importer: Importer) -> Iterator[Found]:
    lines = block.rows if block.rows is not None else block.lines
    expands = importer.expand is not None
    for line, raw in enumerate(lines, block.first_line):
        if isinstance(raw, bytes) and (not raw or raw.isspace()):
            continue
        try:
            record = decode(raw)
            held = expand(record, importer) if expands else None
        except RowError as error:
            yield line, raw, error
            continue
        if held is None:
            yield line, raw, record
            continue
        for row in held:
            yield line, row if len(held) > 1 else raw, row


def _read(row: Row, importer: Importer, context: Context) -> Fields:
    if importer.link is not None and context.repeats:
        link = importer.link(row)
        if link is not None and link.id in context.repeats:
            raise RowError(REPEATED)
    if importer.request_of is not None and context.requests:
        request = context.requests.get(str(row.get("custom_id")))
        if request is not None and "request" not in row:
            row = {**row, "request": request}
    return importer.read(row)


def _date(fields: Fields, context: Context) -> bool:
    """Give a call without a time the file's; says whether it did. Importers whose rows must have one see to it."""
    if fields.get("requested_at") is not None or context.taken_at is None:
        return False
    fields["requested_at"] = context.taken_at
    return True


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
    content = raw if isinstance(raw, bytes) else _stored(raw)
    fields["call_id"] = "row-" + hashlib.blake2b(content.strip(), digest_size=16).hexdigest()
    return False


def _table(values: Mapping[str, Sequence[Any]], rows: int, constant: Fields) -> pa.Table:
    columns = [
        pa.repeat(pa.scalar(constant[field.name], field.type), rows)
        if field.name in constant
        else _column(values[field.name], field.type)
        for field in CALLS
    ]
    return pa.Table.from_arrays(columns, schema=CALLS)


def _column(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    try:
        return pa.array(values, kind)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError):
        # A source wrote a number where a name belongs: text is kept, anything else becomes unknown.
        return pa.array([_coerce(value, kind) for value in values], kind)


def _coerce(value: Any, kind: pa.DataType) -> Any:
    if value is None or not pa.types.is_string(kind):
        return value if isinstance(value, int | float) else None
    return value if isinstance(value, str) else _stored(value).decode()


def _text(raw: Any) -> str:
    """The start of a row, for a person; undecodable bytes are shown as such. It is longer than what is stored, so
    that a value at the end of the excerpt is still whole when it is looked for."""
    start = raw[: EXCERPT * 8] if isinstance(raw, bytes) else _stored(raw)[: EXCERPT * 8]
    return start.decode(errors="replace")


def _stored(raw: Any) -> bytes:
    """A row that a table gave, as text; what JSON cannot hold is written as a person would."""
    try:
        return orjson.dumps(raw, default=str, option=orjson.OPT_NON_STR_KEYS)
    except TypeError:  # nested too deeply, or a number beyond 64 bits
        return repr(raw).encode(errors="replace")

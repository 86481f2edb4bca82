"""Redaction of a block of calls, column by column.

Nearly no cell holds anything personal, so one RE2 pass over a column (Arrow, half a nanosecond a byte) picks the
cells that may, and only those are looked at precisely.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from analytics.privacy.find import DETECTORS, KINDS
from analytics.privacy.text import redact_json, redact_text
from analytics.privacy.tokens import Privacy

NAMES = ("key", "email")  # kinds that a short name may hold; its digits are its own
FAILED = "not redacted"
WITHHELD = "(withheld: the row may hold personal data)"
Redact = Callable[[str, Privacy, Counter[str], Sequence[str]], str]


class Field(NamedTuple):
    """How a column is redacted."""

    redact: Redact
    kinds: Sequence[str]


COLUMNS: Mapping[str, Field] = {
    **dict.fromkeys(
        ("system_prompt", "input_text", "first_user_text", "output_text", "error_class"), Field(redact_text, KINDS)
    ),
    **dict.fromkeys(("messages", "tool_calls"), Field(redact_json, KINDS)),
    **dict.fromkeys(
        ("app", "session_id", "trace_id", "tool_names", "response_schema", "finish_reason"), Field(redact_text, NAMES)
    ),
}


@dataclass(frozen=True)
class Redacted:
    """A block without personal data that patterns can tell."""

    table: pa.Table
    failed: Mapping[int, str]  # rows that could not be redacted, with the reason: they must not be stored
    counts: Mapping[str, int]  # values that were replaced, by kind


def redact_table(table: pa.Table, privacy: Privacy) -> Redacted:
    """Every text column redacted. A cell whose redaction fails marks its row: it is never passed on as it came."""
    failed: dict[int, str] = {}
    counts: Counter[str] = Counter()
    for name, field in COLUMNS.items():
        column = table.column(name).combine_chunks()
        changed = _column(column, name, field, privacy, failed, counts)
        if changed is not None:
            table = table.set_column(table.schema.get_field_index(name), table.schema.field(name), changed)
    tags = _tags(table.column("tags").combine_chunks(), privacy, failed, counts)
    table = table.set_column(table.schema.get_field_index("tags"), table.schema.field("tags"), tags)
    return Redacted(table, failed, dict(counts))


def _column(
    column: pa.Array, name: str, field: Field, privacy: Privacy, failed: dict[int, str], counts: Counter[str]
) -> pa.Array | None:
    """The column with its suspicious cells redacted; None when there are none."""
    mask = pc.fill_null(pc.match_substring_regex(column, gate(field.kinds)), False)
    rows = pc.indices_nonzero(mask)
    if not len(rows):
        return None
    cells = column.take(rows)
    kinds = _kinds_of(cells, field.kinds)
    texts = [
        _cell(text, row, name, field.redact, found, privacy, failed, counts)
        for row, text, found in zip(rows.to_pylist(), cells.to_pylist(), kinds, strict=True)
    ]
    return pc.replace_with_mask(column, mask, pa.array(texts, column.type))


def _cell(
    text: str,
    row: int,
    name: str,
    redact: Redact,
    kinds: Sequence[str],
    privacy: Privacy,
    failed: dict[int, str],
    counts: Counter[str],
) -> str | None:
    try:
        return redact(text, privacy, counts, kinds)
    except Exception as error:  # whatever it is, the row must not be stored as it came
        failed[row] = f"{FAILED}: {name}: {type(error).__name__}"
        return None


def _kinds_of(cells: pa.Array, kinds: Sequence[str]) -> list[list[str]]:
    """Which kinds each cell may hold."""
    masks = [
        pc.match_substring_regex(cells, detector.gate).to_pylist() if detector.kind in kinds else [False] * len(cells)
        for detector in DETECTORS
    ]
    return [
        [detector.kind for detector, may in zip(DETECTORS, found, strict=True) if may]
        for found in zip(*masks, strict=True)
    ]


def gate(kinds: Sequence[str]) -> str:
    """One RE2 pattern: a text without a match holds none of the kinds."""
    return "|".join(f"(?:{detector.gate})" for detector in DETECTORS if detector.kind in kinds)


def _tags(tags: pa.Array, privacy: Privacy, failed: dict[int, str], counts: Counter[str]) -> pa.Array:
    """Lists of tags, each tag by itself. A tag that fails marks the rows that have it."""
    flat = tags.flatten()
    wrong: dict[int, str] = {}
    changed = _column(flat, "tags", Field(redact_text, NAMES), privacy, wrong, counts)
    if wrong:
        owners = pc.list_parent_indices(tags).to_pylist()
        failed.update({owners[at]: reason for at, reason in wrong.items()})
    if changed is None:
        return tags
    lengths = pc.fill_null(pc.list_value_length(tags), 0).to_pylist()
    values = iter(changed.to_pylist())
    lists = [[next(values) for _ in range(length)] for length in lengths]
    return pa.array(
        [None if not known else one for known, one in zip(tags.is_valid().to_pylist(), lists, strict=True)], tags.type
    )


def safe_excerpt(text: str, privacy: Privacy) -> str:
    """A quarantined row's start without personal data; withheld altogether when that cannot be told."""
    if not privacy.redacts:
        return text
    try:
        return redact_text(text, privacy, Counter())
    except Exception:
        return WITHHELD

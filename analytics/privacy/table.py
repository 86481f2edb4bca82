"""Redaction of a block of calls.

Nearly no cell holds anything personal, so one RE2 pass over all columns (Arrow, about a nanosecond a byte) picks the
cells that may, a second pass over those says which kinds, and only then Python looks at them precisely.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from analytics.privacy.find import DETECTORS, NAME_DETECTORS
from analytics.privacy.spans import Detector
from analytics.privacy.text import redact_cell, redact_json, redact_text
from analytics.privacy.tokens import Privacy

FAILED = "not redacted"
WITHHELD = "(withheld: the row may hold personal data)"
TEXTS = ("system_prompt", "input_text", "first_user_text", "output_text", "error_class", "messages", "tool_calls")
NAMES = ("app", "session_id", "trace_id", "tool_names", "response_schema", "finish_reason", "tags")
JSON = frozenset({"messages", "tool_calls"})  # these are JSON by contract
GROUPS: tuple[tuple[Sequence[str], Sequence[Detector]], ...] = ((TEXTS, DETECTORS), (NAMES, NAME_DETECTORS))


class Suspects(NamedTuple):
    """Cells of one column that may hold something personal."""

    name: str
    column: pa.Array
    mask: pa.Array  # which of the column's cells these are
    rows: list[int]  # where they stand in the column
    texts: list[str]
    detectors: list[list[Detector]]  # by cell: what it may hold


@dataclass
class Redacted:
    """A block without personal data that patterns can tell."""

    table: pa.Table
    failed: dict[int, str] = field(default_factory=dict)  # rows that must not be stored, with the reason
    counts: Counter[str] = field(default_factory=Counter)  # values that were replaced, by kind


def redact_table(table: pa.Table, privacy: Privacy) -> Redacted:
    """Every text column redacted. A cell whose redaction fails marks its row: it is never passed on as it came."""
    found = Redacted(table)
    for names, detectors in GROUPS:
        columns = {name: _flat(table.column(name)) for name in names}
        for suspects in _suspects(columns, detectors):
            _redact(found, suspects, privacy)
    return found


def _flat(column: pa.ChunkedArray) -> pa.Array:
    """The texts of a column; of lists, those of every list one after the other."""
    whole = column.combine_chunks()
    return whole.flatten() if pa.types.is_list(whole.type) else whole


def _suspects(columns: Mapping[str, pa.Array], detectors: Sequence[Detector]) -> Iterator[Suspects]:
    """One pass over all columns, since making the pattern ready costs as much as a megabyte of text."""
    gate = "|".join(f"(?:{detector.gate})" for detector in detectors)
    matched = pc.fill_null(pc.match_substring_regex(pa.chunked_array(list(columns.values())), gate), False)
    masks = dict(zip(columns, _parted(matched.combine_chunks(), columns.values()), strict=True))
    cells = {name: columns[name].filter(mask) for name, mask in masks.items()}
    kinds = iter(_detectors_of(pa.chunked_array(list(cells.values())), detectors))
    for name, mask in masks.items():
        rows = pc.indices_nonzero(mask).to_pylist()
        if rows:
            yield Suspects(name, columns[name], mask, rows, cells[name].to_pylist(), [next(kinds) for _ in rows])


def _parted(whole: pa.Array, columns: Iterable[pa.Array]) -> Iterator[pa.Array]:
    """The part of each column; Arrow's own chunks leave out empty ones."""
    begin = 0
    for column in columns:
        yield whole.slice(begin, len(column))
        begin += len(column)


def _detectors_of(cells: pa.ChunkedArray, detectors: Sequence[Detector]) -> list[list[Detector]]:
    if not len(cells):
        return []
    masks = [pc.match_substring_regex(cells, detector.gate).to_pylist() for detector in detectors]
    return [
        [detector for detector, may in zip(detectors, found, strict=True) if may] for found in zip(*masks, strict=True)
    ]


def _redact(found: Redacted, suspects: Suspects, privacy: Privacy) -> None:
    """Put a column's redacted cells into the table."""
    failed: dict[int, str] = {}
    redact = redact_json if suspects.name in JSON else redact_cell if suspects.name in TEXTS else redact_text
    texts = [
        _cell(redact, row, text, suspects.name, detectors, privacy, failed, found.counts)
        for row, text, detectors in zip(suspects.rows, suspects.texts, suspects.detectors, strict=True)
    ]
    flat = pc.replace_with_mask(suspects.column, suspects.mask, pa.array(texts, suspects.column.type))
    at = found.table.schema.get_field_index(suspects.name)
    before = found.table.column(at).combine_chunks()
    if pa.types.is_list(before.type):
        owners = pc.list_parent_indices(before).to_pylist()
        failed = {owners[row]: reason for row, reason in failed.items()}
        flat = pa.ListArray.from_arrays(_offsets(before), flat, type=before.type, mask=before.is_null())
    found.failed.update(failed)
    found.table = found.table.set_column(at, found.table.schema.field(at), flat)


def _offsets(lists: pa.ListArray) -> pa.Array:
    """Where each list begins among the texts of all, whatever part of a larger array this one is."""
    lengths = pc.fill_null(pc.list_value_length(lists), 0)
    return pa.concat_arrays([pa.array([0], pa.int32()), pc.cumulative_sum(lengths).cast(pa.int32())])


def _cell(
    redact: Callable[[str, Privacy, Counter[str], Sequence[Detector]], str],
    row: int,
    text: str,
    name: str,
    detectors: Sequence[Detector],
    privacy: Privacy,
    failed: dict[int, str],
    counts: Counter[str],
) -> str | None:
    try:
        return redact(text, privacy, counts, detectors)
    except Exception as error:  # whatever it is, the row must not be stored as it came
        failed[row] = f"{FAILED}: {name}: {type(error).__name__}"
        return None


def safe_excerpt(text: str, privacy: Privacy) -> str:
    """A quarantined row's start without personal data; withheld altogether when that cannot be told."""
    if not privacy.redacts:
        return text
    try:
        return redact_text(text, privacy, Counter())
    except Exception:
        return WITHHELD

"""Rows that a run learns from, and where each falls in time.

``examples.parquet`` comes from the collect stage; ``rows.parquet`` is the same table after the filters, with what
was worked out for each row: its plain answer, the form of its input, its near-duplicate group and its period.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from analytics.errors import DataMissing
from pipeline.contracts import AnswerKind

EXAMPLES = pa.schema(
    [
        ("call_id", pa.string()),
        ("requested_at", pa.timestamp("us", tz="UTC")),  # null for pairs
        ("input_text", pa.string()),
        ("output_text", pa.string()),
        ("gold", pa.string()),  # the right answer, where known
        ("status", pa.string()),
        ("error_class", pa.string()),
        ("is_truncated", pa.bool_()),
        ("is_retry", pa.bool_()),
        ("finish_reason", pa.string()),
        ("latency_ms", pa.float64()),
        ("cost_usd", pa.decimal128(38, 12)),
        ("weight", pa.float64()),
        ("user_hash", pa.string()),
        ("role", pa.string()),  # log, pairs-train, pairs-test, synthetic (trains, never tests)
        ("system_prompt", pa.string()),  # as sent; null for pairs
        ("response_schema", pa.string()),  # hash or type of what the answer was bound to
        ("rationale", pa.string()),  # the teacher's reasons, asked for beside its answer
        ("top_logprobs", pa.string()),  # JSON: for each answer token its text, bytes, logprob and the likeliest others
        ("sample_agreement", pa.float64()),  # share of the teacher's k samples that say the same as output_text
    ]
)
WORKED_OUT = (
    ("label", pa.string()),  # the answer without formatting slips
    ("form", pa.string()),  # the input as read: lower case words
    ("group", pa.int64()),  # near-duplicate inputs share a number
    ("period", pa.string()),  # train, tune, calibrate, test
    ("drop_reason", pa.string()),  # why it must not train; null: it may
)
ROWS = pa.schema([*EXAMPLES, *WORKED_OUT])


@dataclass(frozen=True)
class Known:
    """What is known beside the rows that teach. Never an answer: nothing newer has a say in what was right."""

    recent_inputs: tuple[str, ...] = ()  # of traffic that came after those rows; empty where rows have no time
    test_forms: frozenset[str] = frozenset()  # of a test set that the user brings
    seed: int = 0


@dataclass(frozen=True)
class Rows:
    """The columns that a filter looks at, one entry a row, oldest first."""

    outputs: list[str | None]
    labels: list[str]
    inputs: list[str | None]
    forms: list[str]
    groups: list[int]
    statuses: list[str | None]
    truncated: list[bool]
    retries: list[bool]
    finish_reasons: list[str | None]
    users: list[str | None]
    roles: list[str]
    top_logprobs: list[str | None]
    sample_agreements: list[float | None]
    response_schemas: list[str | None]
    answer_kind: AnswerKind
    known: Known = Known()

    def take(self, places: list[int]) -> "Rows":
        """These rows alone, in the given order."""
        columns: dict[str, Any] = {name: column for name, column in vars(self).items() if isinstance(column, list)}
        taken: dict[str, Any] = {name: [column[place] for place in places] for name, column in columns.items()}
        return replace(self, **taken)

    def __len__(self) -> int:
        return len(self.outputs)


def read_table(path: Path, schema: pa.Schema) -> pa.Table:
    """A stage's table in the contract's types. Raises DataMissing when it is absent or a column is."""
    if not path.exists():
        raise DataMissing(f"{path} is missing; the stage that writes it has not finished")
    table = pq.read_table(path)
    if missing := [name for name in schema.names if name not in table.column_names]:
        raise DataMissing(f"{path} has no column {', '.join(missing)}")
    return table.select(schema.names).cast(schema)


def as_examples(table: pa.Table) -> pa.Table:
    """The table in the contract's columns and types; a column that it lacks is unknown."""
    missing = [field for field in EXAMPLES if field.name not in table.column_names]
    for field in missing:
        table = table.append_column(field, pa.nulls(len(table), field.type))
    return table.select(EXAMPLES.names).cast(EXAMPLES)


def write_table(table: pa.Table, path: Path) -> None:
    """Parquet, the same bytes for the same rows."""
    pq.write_table(table, path, compression="zstd")


def texts(table: pa.Table, column: str) -> list[str]:
    """A column of strings, an unknown one as the empty string."""
    return [value or "" for value in table[column].to_pylist()]

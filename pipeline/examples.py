"""Rows that a run learns from, and where each falls in time.

``examples.parquet`` comes from the collect stage; ``rows.parquet`` is the same table after the filters, with what
was worked out for each row: its plain answer, the form of its input, its near-duplicate group and its period.
"""

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from analytics.errors import DataMissing

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
        ("role", pa.string()),  # log, pairs-train, pairs-test
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

    def take(self, places: list[int]) -> "Rows":
        """These rows alone, in the given order."""
        return Rows(**{name: [column[place] for place in places] for name, column in vars(self).items()})

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


def write_table(table: pa.Table, path: Path) -> None:
    """Parquet, the same bytes for the same rows."""
    pq.write_table(table, path, compression="zstd")


def texts(table: pa.Table, column: str) -> list[str]:
    """A column of strings, an unknown one as the empty string."""
    return [value or "" for value in table[column].to_pylist()]

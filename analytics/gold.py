"""Answers known to be right, by call. Kept as Parquet beside the calls, committed like any segment."""

import hashlib
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import sqlalchemy as sa

from analytics import record
from analytics.contracts import GOLD
from analytics.errors import DataMissing, InputError
from analytics.privacy.find import NAME_DETECTORS
from analytics.privacy.history import key_used_before, not_redacted
from analytics.privacy.key import open_privacy
from analytics.privacy.text import redact_text
from analytics.record import Record
from analytics.segments import write_segment
from analytics.store import stored_call_ids
from analytics.workspace import Workspace


class GoldReport(NamedTuple):
    """What a gold file gave."""

    rows: int
    matched: int  # rows whose call is stored


def add_gold(workspace: Workspace, file: Path, key: str, column: str) -> GoldReport:
    """Store the file's answers. Raises DataMissing for an unreadable file, InputError for a missing column."""
    table = _read(file)
    missing = [name for name in (key, column) if name not in table.column_names]
    if missing:
        raise InputError(f"{file}: no column {missing[0]!r}; there are: {', '.join(table.column_names)}")
    pairs = {
        str(call): str(answer)
        for call, answer in zip(table.column(key).to_pylist(), table.column(column).to_pylist(), strict=True)
        if call is not None and answer is not None
    }
    pairs = _as_stored(workspace, pairs)
    stored = stored_call_ids(workspace)
    found = pa.table({"call_id": list(pairs), "gold": list(pairs.values())}, schema=GOLD)
    name = hashlib.sha256(repr(sorted(pairs.items())).encode()).hexdigest()[:16]
    segment = write_segment(workspace.gold, f"{name}.parquet", found)
    with Record(workspace).write() as connection:
        path = str(segment.path.relative_to(workspace.home))
        connection.execute(sa.delete(record.segments).where(record.segments.c.path == path))
        connection.execute(
            record.segments.insert().values(
                path=path,
                kind="gold",
                sha256=segment.sha256,
                rows=segment.rows,
                import_id=None,
                created_at=record.utc_now(),
            )
        )
    return GoldReport(table.num_rows, sum(call in stored for call in pairs))


def _as_stored(workspace: Workspace, pairs: dict[str, str]) -> dict[str, str]:
    """Ids and answers with the tokens that the calls have, so that a right answer still equals the gold one.

    Answers stay as they are where every import was told to keep personal data. Raises InputError without the key.
    """
    kept, imports = not_redacted(workspace)
    if imports == len(kept):
        return pairs
    privacy = open_privacy(workspace, key_used_before(workspace))
    return {
        redact_text(call, privacy, Counter(), NAME_DETECTORS): redact_text(answer, privacy, Counter())
        for call, answer in pairs.items()
    }


def _read(file: Path) -> pa.Table:
    import pyarrow.csv
    import pyarrow.json
    import pyarrow.parquet

    try:
        if file.suffix == ".parquet":
            return pyarrow.parquet.read_table(file)
        return pyarrow.csv.read_csv(file) if file.suffix == ".csv" else pyarrow.json.read_json(file)
    except OSError as error:
        raise DataMissing(f"{file}: cannot be read ({error})") from error
    except pa.ArrowInvalid as error:
        # The reader's message is left out: it quotes what it stumbled over.
        raise DataMissing(f"{file}: not readable as {file.suffix or 'JSON lines'}") from error

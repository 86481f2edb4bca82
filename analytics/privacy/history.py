"""What became of personal data in earlier imports, as the record tells it."""

import json
from typing import NamedTuple

import sqlalchemy as sa

from analytics import record
from analytics.record import Record
from analytics.workspace import Workspace


class Kept(NamedTuple):
    """An import whose texts were stored as they came."""

    file: str
    imported_at: str
    why: str


def key_used_before(workspace: Workspace) -> str | None:
    """Id of the key by which earlier imports hid personal data; None when none did."""
    if not workspace.control.exists():
        return None
    query = sa.select(record.imports.c.redaction).where(record.imports.c.redaction.is_not(None)).limit(1)
    with Record(workspace).read() as connection:
        found = connection.execute(query).scalar_one_or_none()
    return found and str(json.loads(found)["key_id"])


def is_redacted(redaction: str | None) -> bool:
    """Whether an import's record says that personal data was replaced."""
    return redaction is not None and bool(json.loads(redaction)["redacted"])


def not_redacted(workspace: Workspace) -> tuple[list[Kept], int]:
    """The imports that hold texts as they came, oldest first, and the number of all imports."""
    columns = record.imports.c
    query = sa.select(columns.source_file, columns.imported_at, columns.redaction).order_by(columns.imported_at)
    with Record(workspace).read() as connection:
        rows = connection.execute(query).all()
    kept = [
        Kept(row.source_file, row.imported_at, "before redaction existed" if row.redaction is None else "--no-redact")
        for row in rows
        if not is_redacted(row.redaction)
    ]
    return kept, len(rows)

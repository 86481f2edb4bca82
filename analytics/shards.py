"""Shards: the stored calls cut into parts that are worked on one at a time, and never again once they are done.

A shard is one large segment or several small ones in a row. Segments are only ever added, so all shards but the last
stay what they are; a shard is known by the content of its segments, not by their place.
"""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from analytics import record
from analytics.errors import DataMissing
from analytics.record import Record
from analytics.workspace import Workspace

ROWS_A_SHARD = 200_000  # small segments are worked on together up to this


class StoredSegment(NamedTuple):
    """One committed file of calls."""

    path: Path
    sha256: str
    rows: int


class Shard(NamedTuple):
    """Some segments that are worked on together."""

    shard_id: str  # hash of the segments' contents
    paths: tuple[str, ...]
    rows: int


def find_shards(workspace: Workspace) -> list[Shard]:
    """Every stored call in exactly one shard, oldest import first. DataMissing when a segment's file is gone."""
    return [_shard(group) for group in _packed(_segments(workspace))]


def _segments(workspace: Workspace) -> list[StoredSegment]:
    if not workspace.control.exists():
        return []
    columns = record.segments.c
    query = sa.select(columns.path, columns.sha256, columns.rows).where(columns.kind == "calls")
    with Record(workspace).read() as connection:
        rows = connection.execute(query.order_by(columns.created_at, columns.path)).all()
    found = [StoredSegment(workspace.home / path, sha256, count) for path, sha256, count in rows]
    for segment in found:
        if not segment.path.exists():
            raise DataMissing(f"{segment.path} is in the record but not on disk; restore it from a backup")
    return found


def _packed(segments: Sequence[StoredSegment]) -> Iterator[list[StoredSegment]]:
    group: list[StoredSegment] = []
    for segment in segments:
        if group and sum(member.rows for member in group) + segment.rows > ROWS_A_SHARD:
            yield group
            group = []
        group.append(segment)
    if group:
        yield group


def _shard(group: Sequence[StoredSegment]) -> Shard:
    content = hashlib.sha256("".join(segment.sha256 for segment in group).encode()).hexdigest()
    return Shard(content[:16], tuple(str(segment.path) for segment in group), sum(segment.rows for segment in group))

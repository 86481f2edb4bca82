"""Batch APIs answer in one file what was asked in another. Where both lie in a folder, the requests are found."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from analytics.errors import DataMissing
from analytics.importers import Importer
from analytics.importers.decode import decode
from analytics.importers.fields import RowError
from analytics.sources import SUFFIXES, read_blocks

MAX_FILES = 50
MAX_BYTES = 256 << 20  # of all neighbours: their requests are held in memory


def requests_beside(path: Path, importer: Importer) -> dict[str, Any]:
    """Requests by ``custom_id``, from the files beside an answer file. One id with two different requests is none."""
    found: dict[str, Any] = {}
    unclear: set[str] = set()
    for custom_id, request in _requests(path, importer):
        if found.setdefault(custom_id, request) != request:
            unclear.add(custom_id)
    return {custom_id: request for custom_id, request in found.items() if custom_id not in unclear}


def _requests(path: Path, importer: Importer) -> Iterator[tuple[str, Any]]:
    left = MAX_BYTES
    neighbours = [other for other in sorted(path.parent.iterdir()) if other.suffix in SUFFIXES and other != path]
    for other in neighbours[:MAX_FILES]:
        if not other.is_file() or (left := left - other.stat().st_size) < 0:
            continue
        try:
            for block in read_blocks(other):
                yield from _of_lines(block.lines, importer)
        except DataMissing:
            continue  # it is named when its turn comes


def _of_lines(lines: list[bytes], importer: Importer) -> Iterator[tuple[str, Any]]:
    for line in lines:
        if b'"custom_id"' not in line:
            continue
        try:
            row = decode(line)
        except RowError:
            continue
        request = importer.request_of(row) if importer.request_of else None
        if request is not None:
            yield str(row.get("custom_id")), request

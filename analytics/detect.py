"""Which source a file's rows come from, told by their content alone."""

from pathlib import Path
from typing import Any

import orjson

from analytics.errors import DataMissing
from analytics.importers import Importer, find_importer, importers
from analytics.sources import Block

DETECT_ROWS = 200
SURE, LEAD = 0.5, 0.2  # a format must be this likely, and this much likelier than the next


def detect(path: Path, block: Block) -> Importer:
    """The importer whose rows these are. DataMissing when none is sure, or two are."""
    rows = block.rows[:DETECT_ROWS] if block.rows is not None else _decodable(block.lines)
    if not rows:
        raise DataMissing(f"{path}: no line of it is a JSON object; known formats: {_known_formats()}")
    scores = {name: sum(map(importer.recognise, rows)) / len(rows) for name, importer in importers().items()}
    ranked = sorted(scores, key=lambda name: -scores[name])
    best, second = ranked[0], ranked[1]
    if scores[best] < SURE or scores[best] - scores[second] < LEAD:
        keys = ", ".join(sorted(rows[0])[:8])
        raise DataMissing(
            f"{path}: its rows (keys {keys}) are of no known format, or of two alike; "
            f"name one with --format: {_known_formats()}"
        )
    return find_importer(best)


def _decodable(lines: list[bytes]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for line in lines:
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if isinstance(row, dict):
            rows.append(row)
        if len(rows) == DETECT_ROWS:
            break
    return rows


def _known_formats() -> str:
    return ", ".join(importers())

"""Which source a file's rows come from, told by their content alone."""

from typing import Any, NamedTuple

from analytics.errors import DataMissing
from analytics.importers import Importer, importers
from analytics.importers.decode import decode
from analytics.importers.fields import RowError
from analytics.sources import Block

DETECT_ROWS = 200
SURE, LEAD = 0.5, 0.2  # a format must be this likely, and this much likelier than the next


class Detected(NamedTuple):
    """A format, and how much of what it is known by was found."""

    importer: Importer
    confidence: float  # 0..1


def detect(name: str, block: Block) -> Detected:
    """The importer whose rows these are. DataMissing when none is sure, or when two are about as likely."""
    rows = _decodable(block.rows if block.rows is not None else block.lines)
    if not rows:
        raise DataMissing(f"{name}: no line of it is a JSON object; known formats: {known_formats()}")
    scores = {key: sum(map(importer.recognise, rows)) / len(rows) for key, importer in importers().items()}
    best, second = sorted(scores, key=lambda key: -scores[key])[:2]
    if scores[best] < SURE:
        keys = ", ".join(sorted(map(str, rows[0]))[:8])
        raise DataMissing(
            f"{name}: its rows (keys {keys}) are of no known format; name one with --format ({known_formats()}), "
            "or say with --map FILE which column means what"
        )
    if scores[best] - scores[second] < LEAD:
        raise DataMissing(
            f"{name}: its rows may be {best} ({scores[best]:.0%}) or {second} ({scores[second]:.0%}), which is too "
            f"close to guess; say --format {best} or --format {second}"
        )
    return Detected(importers()[best], round(scores[best], 3))


def _decodable(raws: list[Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for raw in raws:
        try:
            rows.append(decode(raw))
        except RowError:
            continue
        if len(rows) == DETECT_ROWS:
            break
    return rows


def known_formats() -> str:
    """Every format by name, for a message."""
    return ", ".join(importers())

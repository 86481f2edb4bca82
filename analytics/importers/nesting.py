"""Which rows repeat the usage of others: a span around a model call often carries the call's tokens again.

Only the innermost call is a call. A tool ends the rule: what it asks a model is a call of its own.
"""

from collections.abc import Iterable

from analytics.importers import Importer, Link, Row
from analytics.importers.decode import decode, expand
from analytics.importers.fields import RowError
from analytics.sources import Block

MAX_DEPTH = 1_000  # of a chain of parents; longer ones are circles


def repeats(links: Iterable[Link]) -> frozenset[str]:
    """Ids of the rows whose tokens another row reports."""
    by_id = {link.id: link for link in links}
    calls = [link for link in by_id.values() if link.is_call]
    found: set[str] = set()
    for call in calls:
        if call.has_usage:
            found.update(above.id for above in _calls_above(call, by_id))
    for call in calls:
        if call.has_usage or call.id in found:
            continue
        above = [outer for outer in _calls_above(call, by_id) if outer.id not in found]
        if any(outer.has_usage for outer in above):
            found.add(call.id)
        else:
            found.update(outer.id for outer in above)
    return frozenset(found)


def _calls_above(call: Link, by_id: dict[str, Link]) -> Iterable[Link]:
    parent_id, depth = call.parent_id, 0
    while parent_id is not None and (parent := by_id.get(parent_id)) is not None and depth < MAX_DEPTH:
        if parent.is_border or parent.id == call.id:
            return
        if parent.is_call:
            yield parent
        parent_id, depth = parent.parent_id, depth + 1


def survey(blocks: Iterable[Block], importer: Importer) -> frozenset[str]:
    """``repeats`` over a whole file. Only the links are held, never the rows."""
    return repeats(link for block in blocks for row in _rows(block, importer) if (link := _link(row, importer)))


def _link(row: Row, importer: Importer) -> Link | None:
    return importer.link(row) if importer.link else None


def _rows(block: Block, importer: Importer) -> Iterable[Row]:
    for raw in block.rows if block.rows is not None else block.lines:
        if isinstance(raw, bytes) and (not raw or raw.isspace()):
            continue
        try:
            yield from expand(decode(raw), importer)
        except RowError:
            continue  # it is named when the file is read

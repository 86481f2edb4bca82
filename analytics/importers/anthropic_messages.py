"""Anthropic messages: request and response pairs, or message objects alone.

Tokens are exclusive: ``input_tokens`` leaves out what was read from or written to the cache. Messages carry no
time; where the row around them has none either, the file's own is taken.
"""

from analytics.importers import Fields, Importer, Row
from analytics.importers.bodies import read_exchange
from analytics.importers.envelope import around, pair_dialect, pair_of
from analytics.importers.fields import RowError


def recognise(row: Row) -> float:
    """A pair of messages bodies, or a message."""
    return 1.0 if pair_dialect(row) == "anthropic" else 0.0


def read(row: Row) -> Fields:
    """One call. Raises RowError naming the field that cannot be."""
    pair = pair_of(row)
    found = read_exchange(*pair)
    if not isinstance(found["model"], str):
        raise RowError("request.model: missing")
    return {**around(row, pair, time_needed=False), **found, "provider": row.get("provider") or "anthropic"}


IMPORTER = Importer(
    name="anthropic_messages",
    describe="Anthropic messages bodies: pairs, or messages alone",
    token_convention="exclusive",
    naive_time_is_utc=False,
    recognise=recognise,
    read=read,
    has_times=False,
)

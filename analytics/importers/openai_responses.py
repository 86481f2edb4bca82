"""OpenAI Responses: request and response pairs, or response objects alone.

Tokens are inclusive: cached input inside ``input_tokens``, reasoning inside ``output_tokens``.
"""

from analytics.importers import Fields, Importer, Row
from analytics.importers.bodies import read_exchange
from analytics.importers.envelope import around, pair_dialect, pair_of, provider_of
from analytics.importers.fields import RowError, mapping


def recognise(row: Row) -> float:
    """A pair of Responses bodies, or a response."""
    return 1.0 if pair_dialect(row) == "openai_responses" else 0.0


def read(row: Row) -> Fields:
    """One call. Raises RowError naming the field that cannot be."""
    pair = pair_of(row)
    found = read_exchange(*pair)
    if not isinstance(found["model"], str):
        raise RowError("response.model: missing")
    common = around(row, pair, time_needed=True)
    metadata = mapping(pair.response.get("metadata"))
    return {
        **common,
        **found,
        "provider": row.get("provider") or provider_of(found["model"]),
        "app": common["app"] or metadata.get("app") or metadata.get("task"),
        "session_id": common["session_id"] or found.get("session_id"),
    }


IMPORTER = Importer(
    name="openai_responses",
    describe="OpenAI Responses bodies: pairs, or responses alone",
    token_convention="inclusive",
    naive_time_is_utc=False,
    recognise=recognise,
    read=read,
)

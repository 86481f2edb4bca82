"""Spiritsafe's own router: OpenAI chat bodies with who answered, and tokens that are estimated where a student did.

A student's call carries the model that was asked for: what the teacher would have billed, not what was paid.
"""

from analytics.importers import Fields, Importer, Row
from analytics.importers.bodies import read_exchange
from analytics.importers.envelope import around, pair_of, provider_of
from analytics.importers.fields import RowError, mapping

MARK = "spiritsafe_router"


def recognise(row: Row) -> float:
    """Rows that carry the router's mark."""
    return 1.0 if row.get("written_by") == MARK else 0.0


def read(row: Row) -> Fields:
    """One call. Raises RowError naming the field that cannot be."""
    pair = pair_of(row)
    found = read_exchange(*pair, dialect="openai_chat")
    asked = mapping(row.get("request")).get("model")
    if not isinstance(asked, str):
        raise RowError("request.model: missing")
    model = asked if row.get("served_by") == "student" else found["model"] or asked
    return {
        **around(row, pair, time_needed=True),
        **found,
        "call_id": row.get("call_id"),
        "model": model,
        "provider": row.get("provider") or provider_of(str(model)),
        "served_by": row.get("served_by"),
        "app": row.get("app"),
    }


IMPORTER = Importer(
    name="router",
    describe="spiritsafe's own router",
    token_convention="inclusive",
    naive_time_is_utc=False,
    recognise=recognise,
    read=read,
)

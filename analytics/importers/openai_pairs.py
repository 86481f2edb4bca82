"""OpenAI request and response pairs, one object a line: ``{"request": …, "response": …}``, or completions alone.

Gateways write the bodies as they passed: chat completions count cache reads inside ``prompt_tokens`` and
reasoning inside ``completion_tokens``. The time is ``timestamp`` (epoch, or ISO 8601 with an offset), else
the response's ``created``.
"""

from analytics.importers import Fields, Importer, Row
from analytics.importers.bodies import read_exchange
from analytics.importers.envelope import around, pair_dialect, pair_of
from analytics.importers.envelope import provider_of as provider_of
from analytics.importers.fields import RowError


def recognise(row: Row) -> float:
    """A pair of chat bodies, surer with a model in either."""
    if pair_dialect(row) != "openai_chat":
        return 0.0
    pair = pair_of(row)
    return 1.0 if "model" in pair.request or "model" in pair.response else 0.6


def read(row: Row) -> Fields:
    """One call. Raises RowError naming the field that cannot be."""
    pair = pair_of(row)
    found = read_exchange(*pair)
    if not isinstance(found["model"], str):
        raise RowError("request.model: missing")
    provider = row.get("provider") or provider_of(found["model"])
    return {**around(row, pair, time_needed=True), **found, "provider": provider}


IMPORTER = Importer(
    name="openai_pairs",
    describe="OpenAI chat request and response bodies, one pair a line",
    token_convention="inclusive",
    naive_time_is_utc=False,
    recognise=recognise,
    read=read,
)

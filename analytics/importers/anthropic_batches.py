"""Anthropic's message batches: result lines, with the prompts out of request lines in the same folder.

A result carries neither its request nor a time. Tokens are exclusive of the cache.
"""

from typing import Any

from analytics.importers import Fields, Importer, Row
from analytics.importers.bodies import read_exchange
from analytics.importers.envelope import Pair, around
from analytics.importers.fields import RowError, mapping


def recognise(row: Row) -> float:
    """A line of a batch's results or of its requests."""
    if "custom_id" not in row:
        return 0.0
    if "type" in mapping(row.get("result")):
        return 1.0
    return 1.0 if request_of(row) is not None else 0.0


def request_of(row: Row) -> Any:
    """The parameters of a request line."""
    parameters = mapping(row.get("params"))
    return parameters if "messages" in parameters else None


def read(row: Row) -> Fields:
    """One call. Raises RowError naming the field that cannot be."""
    result = mapping(row.get("result"))
    if not result:
        raise RowError("not a model call: a request to the batch API; its answer is in the results file")
    kind = result.get("type")
    pair = Pair(mapping(row.get("request")), mapping(result.get("message")))
    found = read_exchange(*pair, dialect="anthropic")
    if not isinstance(found["model"], str):
        if kind in ("canceled", "expired"):
            raise RowError(f"not a model call: the request was {kind} before it ran")
        raise RowError("result.message.model: missing, and no file beside this one holds the request")
    error = mapping(mapping(result.get("error")).get("error")) or mapping(result.get("error"))
    return {
        **around(row, pair, time_needed=False),
        **found,
        "provider": "anthropic",
        "status": "success" if kind == "succeeded" else "failure",
        "error_class": error.get("type") if kind == "errored" else None if kind == "succeeded" else kind,
        "is_batch": True,
    }


IMPORTER = Importer(
    name="anthropic_batches",
    describe="Anthropic message batch results, with the requests beside them",
    token_convention="exclusive",
    naive_time_is_utc=False,
    recognise=recognise,
    read=read,
    has_times=False,
    request_of=request_of,
)

"""OpenAI's batch API: answer lines, with the prompts out of request lines in the same folder.

An answer says ``custom_id`` and not what was asked. Request lines are no calls: their answers are.
"""

from typing import Any

from analytics.importers import Fields, Importer, Row
from analytics.importers.bodies import body_of, read_exchange
from analytics.importers.envelope import Pair, around, provider_of
from analytics.importers.fields import RowError, mapping


def recognise(row: Row) -> float:
    """A line of a batch's output, error or input file."""
    if "custom_id" not in row:
        return 0.0
    if "body" in row and "url" in row:
        return 1.0
    answer = mapping(row.get("response"))
    return 1.0 if "status_code" in answer or ("response" in row and "error" in row) else 0.0


def request_of(row: Row) -> Any:
    """The body of a request line."""
    return mapping(row.get("body")) or None if "url" in row else None


def read(row: Row) -> Fields:
    """One call. Raises RowError naming the field that cannot be."""
    if request_of(row) is not None and "response" not in row:
        raise RowError("not a model call: a request to the batch API; its answer is in the output file")
    pair = Pair(mapping(row.get("request")), body_of(row.get("response")))
    found = read_exchange(*pair)
    model = found["model"]
    if not isinstance(model, str):
        raise RowError("response.body.model: missing, and no file beside this one holds the request")
    common = around(row, pair, time_needed=False)
    return {
        **common,
        **found,
        "call_id": pair.response.get("id") or row.get("id"),
        "provider": provider_of(model) or "openai",
        "is_batch": True,
    }


IMPORTER = Importer(
    name="openai_batch",
    describe="OpenAI batch output files, with the input file beside them",
    token_convention="inclusive",
    naive_time_is_utc=False,
    recognise=recognise,
    read=read,
    has_times=False,
    request_of=request_of,
)

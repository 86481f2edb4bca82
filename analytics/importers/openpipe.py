"""OpenPipe: its request log, and the lines that its data sets are imported from and exported to.

Data set lines hold a conversation that ends in the answer, and neither a time nor a model nor tokens: unknown stays
unknown. Tokens of the request log are inclusive.
"""

from typing import Any

from analytics.importers import Fields, Importer, Row
from analytics.importers.bodies import body_of, read_exchange
from analytics.importers.bodies.openai_chat import said, said_by
from analytics.importers.bodies.usage import NO_USAGE
from analytics.importers.envelope import Pair, around, provider_of
from analytics.importers.fields import MAX_COST_USD, RowError, mapping, nested, number, task_tag, tokens, utc_micros
from analytics.importers.shapes import inclusive_tokens


def _under(row: Row, camel: str, snake: str) -> Any:
    return row[camel] if camel in row else row.get(snake)


def recognise(row: Row) -> float:
    """A logged request, or a conversation that ends in an answer and has no response beside it."""
    if _under(row, "reqPayload", "req_payload") is not None:
        return 1.0
    messages = row.get("messages")
    if (
        not isinstance(messages, list)
        or not messages
        or not set(row).isdisjoint(("response", "request", "id", "usage"))
    ):
        return 0.0
    return 0.9 if mapping(messages[-1]).get("role") == "assistant" else 0.0


def read(row: Row) -> Fields:
    """One call. Raises RowError naming the field that cannot be."""
    return _logged(row) if _under(row, "reqPayload", "req_payload") is not None else _line(row)


def _line(row: Row) -> Fields:
    messages = nested(row.get("messages"))
    if not isinstance(messages, list) or mapping(messages[-1] if messages else None).get("role") != "assistant":
        raise RowError("not a model call: the conversation does not end in an answer")
    tags = mapping(row.get("metadata") or row.get("tags"))
    return {
        "operation": "chat",
        "model": row.get("model"),
        "served_by": "teacher",
        "status": "success",
        **said({**row, "messages": messages[:-1]}),
        **said_by(messages[-1], None),
        **NO_USAGE,
        **_labels(tags),
    }


def _logged(row: Row) -> Fields:
    pair = Pair(body_of(_under(row, "reqPayload", "req_payload")), body_of(_under(row, "respPayload", "resp_payload")))
    found = read_exchange(*pair)
    asked_at = utc_micros(row, "requestedAt" if "requestedAt" in row else "requested_at", naive_is_utc=True)
    done_at = utc_micros(row, "receivedAt" if "receivedAt" in row else "received_at", naive_is_utc=True)
    if asked_at is not None and done_at is not None and done_at < asked_at:
        raise RowError("receivedAt: before requestedAt")
    model = row.get("model") or found["model"]
    counted = _tokens(row) if found["in_uncached"] is None else {}
    codes = {"status": _under(row, "statusCode", "status_code"), "error": _under(row, "errorMessage", "error_message")}
    return {
        **around({**codes, "id": row.get("id")}, pair, time_needed=False),
        **found,
        **counted,
        **_labels(mapping(row.get("tags") or row.get("metadata"))),
        "model": model,
        "provider": provider_of(model) if isinstance(model, str) else None,
        "requested_at": asked_at,
        "latency_ms": (done_at - asked_at) / 1000 if done_at is not None and asked_at is not None else None,
        "logged_cost_usd": number(row, "cost", MAX_COST_USD),
        "served_by": "cache" if _under(row, "cacheHit", "cache_hit") in (True, "true") else "teacher",
    }


def _tokens(row: Row) -> Fields:
    names = (("inputTokens", "input_tokens"), ("outputTokens", "output_tokens"))
    prompt, completion = (tokens(row, camel if camel in row else snake) for camel, snake in names)
    return inclusive_tokens(prompt=prompt, completion=completion, total=None)


def _labels(tags: Fields) -> Fields:
    found = [f"{key}:{value}" for key, value in tags.items()]
    return {"tags": found or None, "app": task_tag(found)}


IMPORTER = Importer(
    name="openpipe",
    describe="OpenPipe request logs and data set lines",
    token_convention="inclusive",
    naive_time_is_utc=True,
    recognise=recognise,
    read=read,
    has_times=False,
)

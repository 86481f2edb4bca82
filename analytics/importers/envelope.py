"""What stands around a request and its response in a log of pairs: time, latency, user, status, cost.

Gateways name these things differently and few of them wrongly, so each is looked for under its usual names.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from analytics.importers import Fields, Row
from analytics.importers.bodies import body_of, dialect_of
from analytics.importers.fields import MAX_COST_USD, MAX_MS, RowError, mapping, number, task_tag, utc_micros

REQUESTS = ("request", "request_body", "requestBody", "req")
RESPONSES = ("response", "response_body", "responseBody", "resp")
TIMES = ("timestamp", "requested_at", "request_created_at", "created_at", "start_time", "time", "date", "ts")
MADE = ("created", "created_at", "createTime", "create_time")  # in a response
LATENCIES_MS = ("latency_ms", "duration_ms", "response_ms", "delay_ms", "response_time_ms")
COSTS_USD = ("cost_usd", "costUSD", "response_cost", "total_cost", "cost")
FAILED = ("failure", "failed", "error", "errored", "canceled", "cancelled", "expired")
FOREIGN = frozenset(  # keys of sources that have an importer of their own
    {
        "call_type",
        "client_id",
        "custom_id",
        "full_request",
        "helicone_url",
        "observations",
        "request_created_at",
        "request_payload",
        "resourceSpans",
        "schemaType",
        "sessionId",
        "traceId",
        "workload_id",
        "written_by",
    }
)
BARE = {"chat.completion": "openai_chat", "text_completion": "openai_chat", "response": "openai_responses"}
FAMILIES = {
    "gpt": "openai",
    "chatgpt": "openai",
    "o1": "openai",
    "o3": "openai",
    "o4": "openai",
    "text-embedding": "openai",
    "claude": "anthropic",
    "gemini": "google",
    "mistral": "mistral",
    "deepseek": "deepseek",
    "grok": "x-ai",
}


class Pair(NamedTuple):
    """The two bodies of a row."""

    request: Fields
    response: Fields


def provider_of(model: str) -> str | None:
    """The vendor whose naming a model follows; null when it is nobody's."""
    return next((provider for start, provider in FAMILIES.items() if model.startswith(start)), None)


def pair_of(row: Row) -> Pair:
    """The bodies, wherever the row keeps them; a row that is a response itself has no request."""
    request = next((row[name] for name in REQUESTS if row.get(name)), None)
    response = next((row[name] for name in RESPONSES if row.get(name)), None)
    if request is None and response is None:
        return Pair({}, dict(row))
    if request is None and ("messages" in row or "contents" in row or "input" in row):
        request = row
    return Pair(body_of(request) if request is not row else dict(row), body_of(response))


def pair_dialect(row: Row) -> str | None:
    """The dialect of a row that is a pair, or one response alone; None for anything else."""
    if not FOREIGN.isdisjoint(row):
        return None
    if any(isinstance(row.get(name), dict | str) for name in (*REQUESTS, *RESPONSES)):
        pair = pair_of(row)
        asked = any(key in pair.request for key in ("messages", "contents", "input", "prompt"))
        return dialect_of(*pair) if asked or "usage" in pair.response else None
    if row.get("type") == "message" and isinstance(row.get("content"), list) and "usage" in row:
        return "anthropic"
    if "candidates" in row and ("usageMetadata" in row or "usage_metadata" in row):
        return "gemini"
    return BARE.get(str(row.get("object")))


def around(row: Row, pair: Pair, *, time_needed: bool) -> Fields:
    """The columns that the envelope fills. Raises RowError naming the field that cannot be."""
    return {
        "call_id": pair.response.get("id") or pair.response.get("responseId") or row.get("request_id") or row.get("id"),
        "trace_id": row.get("trace_id"),
        "session_id": row.get("session_id"),
        "requested_at": requested_at(row, pair.response, needed=time_needed),
        "latency_ms": _first(row, LATENCIES_MS, MAX_MS),
        "ttft_ms": _first(row, ("ttft_ms", "time_to_first_token_ms"), MAX_MS),
        "served_by": "teacher",
        "is_retry": None,
        "logged_cost_usd": _first(row, COSTS_USD, MAX_COST_USD),
        **_who(row, pair.request),
        **outcome(row, pair.response),
    }


def requested_at(row: Row, response: Mapping[str, Any], *, needed: bool) -> int | None:
    """The row's time, else the time at which the response was made [microseconds since the epoch]."""
    for source, names in ((row, TIMES), (response, MADE)):
        for name in names:
            moment = utc_micros(source, name, naive_is_utc=False)
            if moment is not None:
                return moment
    if needed:
        raise RowError("timestamp: missing, and the response has no created")
    return None


def _first(row: Row, names: tuple[str, ...], most: float) -> float | None:
    return next((found for name in names if (found := number(row, name, most)) is not None), None)


def _who(row: Row, request: Mapping[str, Any]) -> Fields:
    """An API key is a secret and only its hash is kept; a client's id is a name."""
    metadata = mapping(request.get("metadata"))
    tags = row.get("tags")
    tags = [str(tag) for tag in tags] if isinstance(tags, list) else []
    key = row.get("api_key")
    return {
        "app": row.get("workload_id") or row.get("app") or metadata.get("app") or task_tag(tags),
        "tags": tags or None,
        "key_hash": row.get("client_id") or (hashlib.sha256(str(key).encode()).hexdigest() if key else None),
        "user_hash": row.get("user") or row.get("user_id") or request.get("user") or metadata.get("user_id"),
    }


def outcome(row: Row, response: Mapping[str, Any]) -> Fields:
    """Status, kind of failure and HTTP status. A request without any response failed."""
    codes = (row.get("status"), row.get("status_code"), mapping(row.get("response")).get("status_code"))
    code = next((code for code in codes if type(code) is int and 100 <= code < 600), None)
    error = _error(response.get("error")) or _error(row.get("error"))
    failed = bool(error) or (code is not None and code >= 400) or str(row.get("status")).lower() in FAILED
    silent = not response and not failed
    return {
        "status": "failure" if failed or silent else "success",
        "error_class": "no response" if silent else error,
        "http_status": code,
    }


def _error(value: Any) -> str | None:
    """What kind of error an error object or text is."""
    if isinstance(value, str) and value:
        return value[:200]
    found = mapping(value)
    kind = found.get("type") or found.get("code") or found.get("status") or found.get("message")
    return str(kind)[:200] if kind else None

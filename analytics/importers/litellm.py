"""LiteLLM: rows of the proxy's ``LiteLLM_SpendLogs`` table and ``StandardLoggingPayload`` objects.

Both count cache reads and writes inside ``prompt_tokens``. The proxy writes UTC without an offset.
Strings in the table are cut to a length around a marker; such rows are flagged, never trained on.
Field names: BerriAI/litellm, schema.prisma and litellm/types/utils.py.
"""

from functools import lru_cache
from typing import Any

from analytics.importers import Fields, Importer, Row
from analytics.importers.fields import (
    MAX_COST_USD,
    MAX_MS,
    RowError,
    conversation,
    dump,
    mapping,
    nested,
    number,
    schema_key,
    task_tag,
    tokens,
    tool_names,
    utc_micros,
)
from analytics.importers.shapes import chat_answer, inclusive_tokens

CACHE_HITS = ("True", "true", True)
TRUNCATED = "litellm_truncated"
TEXTS = ("messages", "response", "proxy_server_request")
OPERATIONS = {
    "completion": "chat",
    "embedding": "embedding",
    "text_completion": "completion",
    "responses": "responses",
    "anthropic_messages": "chat",
}
OWN_KEYS = (
    "call_type",
    "spend",
    "response_cost",
    "custom_llm_provider",
    "model_group",
    "startTime",
    "cache_hit",
    "request_tags",
)


def recognise(row: Row) -> float:
    """Share of the telling keys that a row carries; the id and the start are needed."""
    if "startTime" not in row or not ("request_id" in row or "id" in row):
        return 0.0
    return min(1.0, sum(key in row for key in OWN_KEYS) / 4)


def read(row: Row) -> Fields:
    """One call. Raises RowError naming the field that cannot be."""
    metadata = mapping(row.get("metadata"))
    response = nested(row.get("response"))
    answer = response if type(response) is dict else {}
    return {
        "call_id": row.get("request_id") or row.get("id") or row.get("litellm_call_id"),
        "trace_id": row.get("trace_id"),
        "session_id": row.get("session_id"),
        "provider": row.get("custom_llm_provider") or None,
        "model": row.get("model") or None,
        "operation": _operation(str(row.get("call_type") or "completion")),
        "key_hash": row.get("api_key") or metadata.get("user_api_key_hash") or row.get("team_id") or None,
        "user_hash": row.get("end_user") or row.get("user") or metadata.get("user_api_key_user_id") or None,
        "served_by": "cache" if row.get("cache_hit") in CACHE_HITS else "teacher",
        **_times(row),
        **_tags(row.get("request_tags")),
        **_texts(row, response),
        **chat_answer(answer),
        **_tokens(row, metadata, answer),
        **_outcome(row, metadata),
    }


@lru_cache(maxsize=1_000)
def _operation(name: str) -> str:
    return OPERATIONS.get(name.removeprefix("a") if name.removeprefix("a") in OPERATIONS else name, name)


def _times(row: Row) -> Fields:
    start = utc_micros(row, "startTime", naive_is_utc=True)
    if start is None:
        raise RowError("startTime: missing")
    end = utc_micros(row, "endTime", naive_is_utc=True)
    first = utc_micros(row, "completionStartTime", naive_is_utc=True)
    latency_ms = number(row, "request_duration_ms", MAX_MS)
    if latency_ms is None and end is not None:
        latency_ms = (end - start) / 1000
    if latency_ms is not None and latency_ms < 0:
        raise RowError("endTime: before startTime")
    ttft_ms = (first - start) / 1000 if first is not None and first >= start else None
    return {"requested_at": start, "latency_ms": latency_ms, "ttft_ms": ttft_ms}


def _tags(value: Any) -> Fields:
    tags, app = _read_tags(value) if type(value) is str else _task_of(value)
    return {"tags": tags, "app": app}


@lru_cache(maxsize=10_000)
def _read_tags(text: str) -> tuple[list[str] | None, str | None]:
    """The same few lists of tags come back on every row."""
    return _task_of(nested(text))


def _task_of(found: Any) -> tuple[list[str] | None, str | None]:
    tags = [str(tag) for tag in found] if isinstance(found, list) else []
    return tags or None, task_tag(tags)


def _texts(row: Row, response: Any) -> Fields:
    request = mapping(row.get("proxy_server_request"))
    body = mapping(request.get("body")) or request
    parameters = mapping(row.get("model_parameters")) or body
    logged = nested(row.get("messages"))
    messages = logged if type(logged) is list and logged else nested(body.get("messages"))
    # A string that should be JSON and no longer is was cut as a whole.
    cut = (logged is None and _holds_json(row.get("messages"))) or (
        response is None and _holds_json(row.get("response"))
    )
    return {
        **conversation(messages, row.get("system") or body.get("system")),
        "response_schema": schema_key(parameters.get("response_format")) if parameters else None,
        "tool_names": tool_names(parameters.get("tools")) if parameters else None,
        "is_truncated": cut
        or any(_is_marked(row.get(name)) for name in ("messages", "response", "proxy_server_request")),
    }


def _holds_json(value: Any) -> bool:
    return type(value) is str and value[:1] in ("[", "{")


def _is_marked(value: Any) -> bool:
    if type(value) is str:
        return TRUNCATED in value
    return bool(value) and TRUNCATED in dump(value, "text")


def _tokens(row: Row, metadata: Fields, response: Fields) -> Fields:
    usage = metadata.get("usage_object")
    usage = usage if type(usage) is dict and usage else mapping(response.get("usage"))
    details = mapping(usage.get("prompt_tokens_details"))
    return inclusive_tokens(
        prompt=tokens(row, "prompt_tokens"),
        completion=tokens(row, "completion_tokens"),
        total=tokens(row, "total_tokens"),
        cache_read=tokens(details, "cached_tokens") or tokens(usage, "cache_read_input_tokens") or 0,
        cache_write=tokens(usage, "cache_creation_input_tokens") or 0,
        cache_write_1h=tokens(mapping(details.get("cache_creation_token_details")), "ephemeral_1h_input_tokens") or 0,
        reasoning=tokens(mapping(usage.get("completion_tokens_details")), "reasoning_tokens") or 0,
    )


def _outcome(row: Row, metadata: Fields) -> Fields:
    status = str(row.get("status") or metadata.get("status") or "success").lower()
    error = mapping(row.get("error_information")) or mapping(metadata.get("error_information"))
    code = str(error.get("error_code") or "")
    failed = status == "failure"
    cost = "response_cost" if "response_cost" in row else "spend"
    retries = tokens(metadata, "attempted_retries")
    return {
        "status": "failure" if failed else "success",
        "error_class": error.get("error_class") or None,
        "http_status": int(code) if code.isdigit() and len(code) == 3 else (None if failed else 200),
        "is_retry": bool(retries),
        "logged_cost_usd": number(row, cost, MAX_COST_USD),
        "service_tier": mapping(metadata.get("cost_breakdown")).get("service_tier"),
        "is_batch": None,
    }


IMPORTER = Importer(
    name="litellm",
    describe="LiteLLM proxy: SpendLogs rows or StandardLoggingPayload objects",
    token_convention="inclusive",
    naive_time_is_utc=True,
    recognise=recognise,
    read=read,
)

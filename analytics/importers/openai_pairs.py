"""OpenAI request and response pairs, one object a line: ``{"request": …, "response": …}``.

Gateways write the bodies as they passed: chat completions count cache reads inside ``prompt_tokens`` and
reasoning inside ``completion_tokens``. The time is ``timestamp`` (epoch, or ISO 8601 with an offset), else
the response's ``created``.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from analytics.importers import Fields, Importer, Row
from analytics.importers.fields import (
    MAX_COST_USD,
    MAX_MS,
    RowError,
    conversation,
    instant,
    mapping,
    micros,
    number,
    schema_key,
    tokens,
    tool_names,
)
from analytics.importers.shapes import chat_answer, inclusive_tokens

TIME_KEYS = ("timestamp", "requested_at", "created_at", "time")
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


def recognise(row: Row) -> float:
    """A request with a model and messages beside a response."""
    request = mapping(row.get("request"))
    if "response" not in row or "model" not in request:
        return 0.0
    return 1.0 if isinstance(request.get("messages"), list) else 0.5


def read(row: Row) -> Fields:
    """One call. Raises RowError naming the field that cannot be."""
    request, response = mapping(row.get("request")), mapping(row.get("response"))
    body = mapping(response.get("body")) or response
    model = body.get("model") or request.get("model")
    if not isinstance(model, str):
        raise RowError("request.model: missing")
    return {
        "call_id": body.get("id"),
        "session_id": row.get("session_id"),
        "requested_at": _requested_at(row, body),
        "latency_ms": _latency_ms(row),
        "provider": row.get("provider") or provider_of(model),
        "model": model,
        "operation": "chat" if "messages" in request else "embedding" if "input" in request else "completion",
        "app": row.get("workload_id") or row.get("app") or mapping(request.get("metadata")).get("app"),
        "key_hash": _key_hash(row),
        "user_hash": row.get("user") or request.get("user"),
        "served_by": "teacher",
        "service_tier": body.get("service_tier"),
        **_texts(request, body),
        **_tokens(mapping(body.get("usage"))),
        **_outcome(row, body),
    }


def _key_hash(row: Row) -> str | None:
    """A client id is a name; an API key is a secret and only its hash is kept."""
    key = row.get("api_key")
    return row.get("client_id") or (hashlib.sha256(str(key).encode()).hexdigest() if key else None)


def provider_of(model: str) -> str | None:
    """The vendor whose naming a model follows; null when it is nobody's."""
    return next((provider for start, provider in FAMILIES.items() if model.startswith(start)), None)


def _requested_at(row: Row, body: Mapping[str, Any]) -> int:
    for name in TIME_KEYS:
        moment = instant(row, name, naive_is_utc=False)
        if moment is not None:
            return micros(moment)
    created = instant(body, "created", naive_is_utc=False)
    if created is None:
        raise RowError("timestamp: missing, and the response has no created")
    return micros(created)


def _latency_ms(row: Row) -> float | None:
    found = [number(row, name, MAX_MS) for name in ("latency_ms", "duration_ms", "response_ms")]
    return next((value for value in found if value is not None), None)


def _texts(request: Mapping[str, Any], body: Mapping[str, Any]) -> Fields:
    return {
        **conversation(request.get("messages")),
        **chat_answer(body),
        "response_schema": schema_key(request.get("response_format")),
        "tool_names": tool_names(request.get("tools")),
        "is_truncated": False,
    }


def _tokens(usage: Mapping[str, Any]) -> Fields:
    return inclusive_tokens(
        prompt=tokens(usage, "prompt_tokens"),
        completion=tokens(usage, "completion_tokens"),
        total=tokens(usage, "total_tokens"),
        cache_read=tokens(mapping(usage.get("prompt_tokens_details")), "cached_tokens") or 0,
        cache_write=tokens(usage, "cache_creation_input_tokens") or 0,
        reasoning=tokens(mapping(usage.get("completion_tokens_details")), "reasoning_tokens") or 0,
    )


def _outcome(row: Row, body: Mapping[str, Any]) -> Fields:
    error = mapping(body.get("error"))
    status = (
        row.get("status") if isinstance(row.get("status"), int) else mapping(row.get("response")).get("status_code")
    )
    failed = bool(error) or (isinstance(status, int) and status >= 400)
    return {
        "status": "failure" if failed else "success",
        "error_class": error.get("type") or error.get("code") or None,
        "http_status": status if isinstance(status, int) and 100 <= status < 600 else None,
        "is_retry": None,
        "logged_cost_usd": number(row, "cost_usd", MAX_COST_USD),
    }


IMPORTER = Importer(
    name="openai_pairs",
    describe="OpenAI chat request and response bodies, one pair a line",
    token_convention="inclusive",
    naive_time_is_utc=False,
    recognise=recognise,
    read=read,
)

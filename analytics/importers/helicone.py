"""Helicone: exported requests, as JSON lines or CSV, with or without their bodies.

Where the bodies are there, their own usage counts. Without them, ``prompt_tokens`` includes cached tokens as OpenAI's
does, except for Anthropic's models or where the logged total says otherwise.
"""

from typing import Any

from analytics.importers import Fields, Importer, Row
from analytics.importers.bodies import body_of, read_exchange
from analytics.importers.envelope import Pair, outcome, provider_of
from analytics.importers.fields import (
    MAX_COST_USD,
    MAX_MS,
    RowError,
    first_tokens,
    mapping,
    number,
    task_tag,
    tokens,
    utc_micros,
)
from analytics.importers.shapes import exclusive_tokens, inclusive_tokens

OWN_KEYS = (
    "request_created_at",
    "request_path",
    "request_model",
    "request_body",
    "response_status",
    "request_user_id",
    "response_created_at",
    "response_model",
    "request_properties",
    "delay_ms",
    "costUSD",
    "helicone_user",
)
SESSION, PROMPT = "helicone-session-id", "helicone-prompt-id"


def recognise(row: Row) -> float:
    """Share of the telling keys; the time under Helicone's name is needed."""
    if "request_created_at" not in row and not ("request_id" in row and "request_path" in row):
        return 0.0
    return min(1.0, sum(key in row for key in OWN_KEYS) / 4)


def read(row: Row) -> Fields:
    """One call. Raises RowError naming the field that cannot be."""
    pair = Pair(body_of(row.get("request_body")), body_of(row.get("response_body")))
    requested_at = utc_micros(row, "request_created_at", naive_is_utc=True)
    if requested_at is None:
        raise RowError("request_created_at: missing")
    found = read_exchange(*pair)
    named = (row.get(name) for name in ("model", "response_model", "model_override", "request_model"))
    model = next((name for name in (found["model"], *named) if isinstance(name, str) and name), None)
    provider = str(row.get("provider") or provider_of(str(model)) or "").lower() or None
    properties = {str(key).lower(): value for key, value in mapping(row.get("request_properties")).items()}
    properties = properties or {str(key).lower(): value for key, value in mapping(row.get("properties")).items()}
    tags = [f"{key}:{value}" for key, value in properties.items()]
    return {
        **found,
        **(_tokens(row, provider, model) if found["in_uncached"] is None else {}),
        **_outcome(row, pair),
        "call_id": row.get("request_id"),
        "session_id": properties.get(SESSION),
        "requested_at": requested_at,
        "latency_ms": _latency_ms(row, requested_at),
        "ttft_ms": number(row, "time_to_first_token", MAX_MS),
        "model": model,
        "provider": provider,
        "app": properties.get(PROMPT) or row.get("prompt_id") or task_tag(tags),
        "tags": tags or None,
        "user_hash": row.get("request_user_id") or row.get("user_id") or row.get("helicone_user"),
        "key_hash": row.get("auth_hash"),
        "served_by": "cache"
        if row.get("cache_enabled") in (True, "true") and row.get("cache_reference_id")
        else "teacher",
        "is_retry": None,
        "logged_cost_usd": _cost(row),
    }


def _latency_ms(row: Row, requested_at: int) -> float | None:
    """As logged, else from the two times."""
    found = number(row, "delay_ms", MAX_MS)
    done_at = utc_micros(row, "response_created_at", naive_is_utc=True)
    return (
        (done_at - requested_at) / 1000 if found is None and done_at is not None and done_at >= requested_at else found
    )


def _cost(row: Row) -> float | None:
    found = (number(row, name, MAX_COST_USD) for name in ("costUSD", "cost_usd", "cost"))
    return next((cost for cost in found if cost is not None), None)


def _outcome(row: Row, pair: Pair) -> Fields:
    status: Any = row.get("response_status", row.get("status"))
    if isinstance(status, str) and status.isdigit() and len(status) == 3:
        status = int(status)
    logged = outcome({"status": status}, pair.response)
    if not pair.response and logged["error_class"] == "no response":  # exported without bodies
        return {"status": "success", "error_class": None, "http_status": logged["http_status"]}
    return logged


def _tokens(row: Row, provider: str | None, model: str | None) -> Fields:
    prompt, completion = tokens(row, "prompt_tokens"), tokens(row, "completion_tokens")
    read = tokens(row, "prompt_cache_read_tokens") or 0
    write = tokens(row, "prompt_cache_write_tokens") or 0
    reasoning, total = tokens(row, "reasoning_tokens") or 0, first_tokens(row, "total_tokens")
    is_anthropic = "anthropic" in (provider or "") or "claude" in (model or "")
    if read + write and total is not None and prompt is not None and completion is not None:
        is_exclusive = total == prompt + read + write + completion
    else:
        is_exclusive = is_anthropic
    if is_exclusive:
        return exclusive_tokens(
            fresh=prompt, output=completion, total=total, cache_read=read, cache_write=write, reasoning=reasoning
        )
    return inclusive_tokens(
        prompt=prompt, completion=completion, total=total, cache_read=read, cache_write=write, reasoning=reasoning
    )


IMPORTER = Importer(
    name="helicone",
    describe="Helicone request exports, with or without bodies",
    token_convention="inclusive",
    naive_time_is_utc=True,
    recognise=recognise,
    read=read,
)

"""OpenTelemetry spans of model calls: GenAI conventions new and old, OpenInference, OpenLLMetry, Vercel's AI SDK.

Tokens include cache and reasoning, as the convention says since 1.40; spans of Anthropic's models from before it
leave the cache out, which shows where the cached part is larger than the whole. Only the innermost call is a call.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from analytics.importers import Fields, Importer, Link, Row
from analytics.importers.bodies import span_names as names
from analytics.importers.bodies import span_texts, spans
from analytics.importers.bodies.langfuse_usage import read_details
from analytics.importers.bodies.spans import Span, span_of
from analytics.importers.envelope import provider_of
from analytics.importers.fields import (
    MAX_COST_USD,
    MAX_MS,
    RowError,
    first_tokens,
    mapping,
    number,
    schema_key,
    task_tag,
    utc_micros,
)
from analytics.importers.shapes import exclusive_tokens, inclusive_tokens


def recognise(row: Row) -> float:
    """OTLP, or a span with a span's ids; a row of telling attributes alone is less sure."""
    if isinstance(row.get("resourceSpans", row.get("resource_spans", row.get("batches"))), list):
        return 1.0
    if "resourceLogs" in row or "resourceMetrics" in row:
        return 0.6
    telling = any(str(key).removeprefix("attributes.").startswith(spans.PREFIXES) for key in row)
    attributes = row.get("attributes")
    if isinstance(attributes, dict | list | str) and ("name" in row or "span_name" in row):
        is_span = not {"spanContext", "context", "spanId", "span_id", "parent_span_id", "traceId"}.isdisjoint(row)
        return 1.0 if is_span else 0.6
    return 0.7 if telling else 0.0


def link(row: Row) -> Link | None:
    """Where a span stands in its trace."""
    span = span_of(row)
    if span.id is None:
        return None
    trace = span.trace_id or ""
    kind = str(span.attributes.get("openinference.span.kind")).upper()
    return Link(
        id=f"{trace}/{span.id}",
        parent_id=f"{trace}/{span.parent_id}" if span.parent_id else None,
        is_call=_why_no_call(span) is None,
        has_usage=any(span.attributes.get(name) for name in (*names.INPUT, *names.OUTPUT)),
        is_border=kind == "TOOL"
        or span.attributes.get("gen_ai.operation.name") == "execute_tool"
        or span.attributes.get("traceloop.span.kind") == "tool"
        or span.name == "ai.toolCall",
    )


def _why_no_call(span: Span) -> str | None:
    """What a span is when it is no model call; every convention has its own word for it."""
    found = span.attributes
    operation = str(found.get("ai.operationId") or (span.name if span.name.startswith("ai.") else ""))
    if operation.startswith("ai."):
        is_inner = operation.rsplit(".", 1)[-1] in ("doGenerate", "doStream", "doEmbed")
        return None if is_inner else f"{operation} lies around the call"
    kind = found.get("openinference.span.kind") or found.get("langfuse.observation.type")
    if kind:
        return None if str(kind).upper() in names.KINDS else f"a span of kind {str(kind).lower()[:40]}"
    if kind := found.get("traceloop.span.kind"):
        return f"a span of kind {str(kind)[:40]}"
    if operation := str(found.get("gen_ai.operation.name") or ""):
        return None if operation in names.CALLS else f"a span of operation {operation[:40]}"
    if request := found.get("llm.request.type"):
        return None if request in names.REQUESTS else f"a request of type {str(request)[:40]}"
    has_model = any(found.get(name) for name in names.MODELS)
    return (
        None
        if has_model and any(name in found for name in (*names.INPUT, *names.OUTPUT))
        else "a span without a model's usage"
    )


def read(row: Row) -> Fields:
    """One call. Raises RowError naming the field that cannot be."""
    if "resourceLogs" in row or "resourceMetrics" in row:
        raise RowError("not a model call: logs or metrics, no spans")
    span = span_of(row)
    if why := _why_no_call(span):
        raise RowError(f"not a model call: {why}")
    found = span.attributes
    started, ended = spans.moment(row, spans.STARTS), spans.moment(row, spans.ENDS)
    started = started if started is not None else utc_micros(found, "ai.response.timestamp", naive_is_utc=True)
    if started is None and (span.id or span.name):
        raise RowError("start time: missing")
    if started is not None and ended is not None and ended < started:
        raise RowError("end time: before the start")
    model = _text(found, names.MODELS)
    provider = _provider(_text(found, names.PROVIDERS)) or provider_of(str(model))
    tags = _tags(span)
    return {
        "call_id": f"{span.trace_id}/{span.id}"
        if span.trace_id and span.id
        else span.id or found.get("gen_ai.response.id"),
        "trace_id": span.trace_id,
        "session_id": _text(found, names.SESSIONS),
        "requested_at": started,
        "latency_ms": (ended - started) / 1000 if ended is not None and started is not None else None,
        "ttft_ms": _ttft_ms(found),
        "provider": provider,
        "model": model,
        "operation": _operation(span),
        "app": _text(found, names.TASKS) or task_tag(tags),
        "tags": tags or None,
        "user_hash": _text(found, names.USERS),
        "served_by": "teacher",
        "is_truncated": False,
        "is_retry": None,
        **span_texts.asked(span),
        **span_texts.answer(span),
        **_tokens(found, f"{provider} {model}".lower()),
        "response_schema": _schema(found),
        "logged_cost_usd": _cost(found),
        "service_tier": _text(found, ("gen_ai.openai.response.service_tier", "gen_ai.openai.request.service_tier")),
        **_outcome(span),
    }


def _text(found: Fields, keys: Iterable[str]) -> str | None:
    return next((str(found[name]) for name in keys if isinstance(found.get(name), str | int) and found[name]), None)


def _provider(name: str | None) -> str | None:
    """The AI SDK adds the API to the provider; clouds are named with dots and stay whole."""
    first, dot, _ = (name or "").partition(".")
    return first if dot and first not in ("az", "azure", "gcp", "aws", "google") else name


def _tags(span: Span) -> list[str]:
    """What the application said of itself and of the call."""
    tags = span.attributes.get("tag.tags") or span.attributes.get("langfuse.trace.tags")
    listed = [str(tag) for tag in tags] if isinstance(tags, list) else []
    starts = ("traceloop.association.properties.", "ai.telemetry.metadata.")
    said = {
        name.removeprefix(start): value
        for start in starts
        for name, value in span.attributes.items()
        if name.startswith(start) and isinstance(value, str | int | float)
    }
    service = span.resource.get("service.name")
    named = [f"service:{service}"] if isinstance(service, str) else []
    return [*listed, *named, *(f"{key}:{value}" for key, value in said.items())]


def _ttft_ms(found: Fields) -> float | None:
    milliseconds = number(found, "ai.response.msToFirstChunk", MAX_MS)
    if milliseconds is not None:
        return milliseconds
    keys = ("gen_ai.response.time_to_first_chunk", "gen_ai.server.time_to_first_token")
    seconds = (number(found, key, MAX_MS / 1000) for key in keys)
    return next((value * 1000 for value in seconds if value is not None), None)


def _operation(span: Span) -> str:
    said = " ".join(
        str(span.attributes.get(name) or "").lower()
        for name in ("gen_ai.operation.name", "openinference.span.kind", "ai.operationId", "llm.request.type")
    )
    return "embedding" if "embed" in f"{said} {span.name.lower()}" else "chat"


def _tokens(found: Fields, maker: str) -> Fields:
    details = {
        key.removeprefix(f"{names.DETAILS}."): value
        for key, value in found.items()
        if key.startswith(f"{names.DETAILS}.")
    }
    details = details or mapping(found.get(names.DETAILS))
    if details:
        return read_details(details)
    prompt, completion, total = (first_tokens(found, *keys) for keys in (names.INPUT, names.OUTPUT, names.TOTAL))
    read, write, reasoning = (first_tokens(found, *keys) or 0 for keys in (names.READ, names.WRITE, names.REASONING))
    if completion is None and prompt is not None and names.TOKENS_OF_EMBEDDING in found:
        completion = 0  # an embedding
    if prompt is not None and completion is not None and reasoning and total == prompt + completion + reasoning:
        completion += reasoning
    is_exclusive = prompt is not None and (
        (read + write > 0 and completion is not None and total == prompt + read + write + completion)
        or (read + write > prompt and ("anthropic" in maker or "claude" in maker or "bedrock" in maker))
    )
    if is_exclusive:
        return exclusive_tokens(
            fresh=prompt, output=completion, total=total, cache_read=read, cache_write=write, reasoning=reasoning
        )
    return inclusive_tokens(
        prompt=prompt, completion=completion, total=total, cache_read=read, cache_write=write, reasoning=reasoning
    )


def _schema(found: Fields) -> str | None:
    value = next((found[name] for name in names.SCHEMAS if found.get(name)), None)
    if value is None:
        return "json" if found.get("gen_ai.output.type") == "json" else None
    decoded = spans.decoded(value)
    if (
        isinstance(decoded, Mapping)
        and "type" in decoded
        and decoded.get("type") not in ("json_schema", "json_object", "text")
    ):
        return schema_key({"type": "json_schema", "json_schema": {"schema": decoded}})
    return schema_key(decoded)


def _cost(found: Fields) -> float | None:
    costs: Iterable[Any] = (number(found, name, MAX_COST_USD) for name in names.COSTS)
    return next((cost for cost in costs if cost is not None), None)


def _outcome(span: Span) -> Fields:
    """OTLP writes 2 or a name for an error."""
    code = span.status.get("code", span.status.get("status_code"))
    failed = code == 2 or str(code).upper().endswith("ERROR") or bool(span.attributes.get("error.type"))
    http = span.attributes.get("http.response.status_code") or span.attributes.get("http.status_code")
    return {
        "status": "failure" if failed else "success",
        "error_class": (span.attributes.get("error.type") or "error") if failed else None,
        "http_status": http if type(http) is int and 100 <= http < 600 else None,
    }


IMPORTER = Importer(
    name="otel",
    describe="OpenTelemetry spans: GenAI, OpenInference, OpenLLMetry, Vercel AI SDK; OTLP JSON or flat",
    token_convention="inclusive",
    naive_time_is_utc=True,
    recognise=recognise,
    read=read,
    has_times=False,  # rows of attributes alone have none
    expand=spans.expand,
    link=link,
)

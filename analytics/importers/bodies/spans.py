"""Spans as exporters write them, in one form: OTLP's JSON, the SDKs' own dumps, a table's row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from analytics.importers import Fields, Row
from analytics.importers.fields import RowError, mapping, nested, utc_micros

RESOURCE = "resource of the span"  # key under which an expanded span keeps its resource's attributes
IDS = {
    "id": ("spanId", "span_id", "context.span_id"),
    "parent": ("parentSpanId", "parent_span_id", "parent_id"),
    "trace": ("traceId", "trace_id", "context.trace_id"),
}
STARTS = ("startTimeUnixNano", "start_time_unix_nano", "startTime", "start_time", "start")
ENDS = ("endTimeUnixNano", "end_time_unix_nano", "endTime", "end_time", "end")
NO_PARENT = ("", "0000000000000000", "0x0000000000000000", None)
PREFIXES = ("gen_ai.", "llm.", "ai.", "openinference.", "traceloop.", "langfuse.observation.")


@dataclass(frozen=True)
class Span:
    """One span."""

    name: str
    id: str | None
    parent_id: str | None
    trace_id: str | None
    attributes: Fields  # flat: dotted names, as they were or made out of nested objects
    resource: Fields
    status: Fields
    events: list[Fields] = field(default_factory=list)


def expand(row: Row) -> Iterable[Row]:
    """The spans of an OTLP record; a span alone stands for itself."""
    resources = row.get("resourceSpans") or row.get("resource_spans")
    if not isinstance(resources, list):
        batches = row.get("batches")  # as Tempo writes it
        if not isinstance(batches, list):
            return [row]
        resources = batches
    return [span for resource in resources for span in _of_resource(mapping(resource))]


def _of_resource(resource: Fields) -> Iterable[Row]:
    shared = attributes_of(mapping(resource.get("resource")).get("attributes"))
    scopes: Any = next(
        (resource[name] for name in ("scopeSpans", "scope_spans", "instrumentationLibrarySpans") if resource.get(name)),
        [],
    )
    for scope in scopes if isinstance(scopes, list) else []:
        spans = mapping(scope).get("spans")
        for span in spans if isinstance(spans, list) else []:
            yield {**mapping(span), RESOURCE: shared}


def span_of(row: Row) -> Span:
    """A row as a span; a row of attributes alone is a span without a name."""
    context = mapping(row.get("spanContext")) or mapping(row.get("context"))
    status = row.get("status")
    attributes = attributes_of(row.get("attributes", row.get("Attributes")))
    events = row.get("events")
    return Span(
        name=str(row.get("name") or row.get("span_name") or ""),
        id=_id(row, context, "id"),
        parent_id=_id(row, {}, "parent") or _text_id(mapping(row.get("parentSpanContext")).get("spanId")),
        trace_id=_id(row, context, "trace"),
        attributes=attributes or _loose(row),
        resource=mapping(row.get(RESOURCE)) or attributes_of(mapping(row.get("resource")).get("attributes")),
        status=mapping(status) or {"code": status if status is not None else row.get("status_code")},
        events=[mapping(event) for event in events] if isinstance(events, list) else [],
    )


def _id(row: Row, context: Mapping[str, Any], kind: str) -> str | None:
    values = (source.get(name) for source in (row, context) for name in IDS[kind])
    return next((found for value in values if (found := _text_id(value))), None)


def _text_id(value: Any) -> str | None:
    return value.removeprefix("0x") if isinstance(value, str) and value not in NO_PARENT else None


def _loose(row: Row) -> Fields:
    """Attributes that stand in the row itself, perhaps behind a prefix, as a table's columns do."""
    found = {key.removeprefix("attributes."): value for key, value in row.items() if value is not None}
    return flat(found)


def attributes_of(value: Any) -> Fields:
    """Attributes as one flat object, from OTLP's list of pairs or from an object, nested or not."""
    if isinstance(value, list):
        pairs = [mapping(pair) for pair in value]
        return {str(pair["key"]): _plain(pair.get("value")) for pair in pairs if "key" in pair}
    return flat(mapping(value))


def _plain(value: Any) -> Any:
    """OTLP's typed value without its type."""
    if not isinstance(value, dict):
        return value
    for kind, inner in value.items():
        if kind == "arrayValue":
            values = mapping(inner).get("values")
            return [_plain(each) for each in values] if isinstance(values, list) else []
        if kind == "kvlistValue":
            pairs = mapping(inner).get("values")
            return attributes_of(pairs if isinstance(pairs, list) else [])
        if kind == "intValue":
            return int(inner) if isinstance(inner, str) and inner.lstrip("-").isdigit() and len(inner) < 20 else inner
        return inner
    return None


def flat(found: Fields) -> Fields:
    """Nested objects as dotted names. Lists stay as they are; lists of objects are numbered as well."""
    flattened: Fields = {}
    for key, value in found.items():
        _flatten(str(key), value, flattened, 0)
    return flattened


def _flatten(name: str, value: Any, into: Fields, depth: int) -> None:
    if isinstance(value, dict) and value and depth < 12:
        for key, inner in value.items():
            _flatten(f"{name}.{key}", inner, into, depth + 1)
    elif isinstance(value, list) and value and depth < 12 and all(isinstance(item, dict) for item in value):
        into[name] = value
        for index, item in enumerate(value):
            _flatten(f"{name}.{index}", item, into, depth + 1)
    else:
        into[name] = value


def moment(row: Row, names: tuple[str, ...]) -> int | None:
    """A time of a span [microseconds since the epoch]: nanoseconds, seconds and nanoseconds, or ISO text."""
    for name in names:
        value = row.get(name)
        if value is None or value == "":
            continue
        if isinstance(value, list):
            return _pair(value, name)
        if isinstance(value, str) and value.isdigit() and len(value) > 12:
            value = int(value)
        if isinstance(value, int) and not isinstance(value, bool) and value > 10**17:
            return utc_micros({name: value // 1000}, name, naive_is_utc=True)
        return utc_micros({name: value}, name, naive_is_utc=True)
    return None


def _pair(value: list[Any], name: str) -> int:
    if len(value) != 2 or not all(type(part) is int and part >= 0 for part in value) or value[1] >= 10**9:
        raise RowError(f"{name}: {str(value)[:60]} is not seconds and nanoseconds")
    seconds = utc_micros({name: value[0]}, name, naive_is_utc=True)
    return (seconds or 0) + int(value[1]) // 1000


def decoded(value: Any) -> Any:
    """A value that exporters write as JSON text, since attributes cannot nest."""
    found = nested(value) if isinstance(value, str) and value.lstrip()[:1] in ("{", "[") else value
    return value if found is None else found

"""A log of nobody's: columns of its own, which a map in TOML (``--map FILE``) gives their meaning.

Without a map, columns under usual names are taken for what they say. Dots in a map's column names lead into nested
objects. The map also says how tokens are counted and in which time zone bare times are.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from analytics.importers import Convention, Fields, Importer, Row
from analytics.importers.bodies import body_of, read_exchange
from analytics.importers.bodies.column_map import USUAL, ColumnMap, column_map
from analytics.importers.bodies.spoken import said_in, spoken
from analytics.importers.bodies.usage import NO_USAGE
from analytics.importers.envelope import FAILED, provider_of
from analytics.importers.fields import (
    MAX_COST_USD,
    MAX_MS,
    RowError,
    mapping,
    micros,
    nested,
    number,
    schema_key,
    task_tag,
    tokens,
    tool_names,
    utc_micros,
)
from analytics.importers.shapes import exclusive_tokens, finish_reason, inclusive_tokens

NO = ("false", "0", "no", "")


def recognise(row: Row) -> float:
    """A time, a model and a text or tokens under usual names, and no bodies of an API."""
    if isinstance(row.get("response"), dict) or isinstance(row.get("request"), dict):
        return 0.0
    groups = (
        ("requested_at",),
        ("model",),
        ("input_text", "messages", "input_tokens"),
        ("output_text", "output_tokens"),
    )
    hits = sum(any(name in row for meaning in group for name in USUAL[meaning]) for group in groups)
    return 0.6 if hits == len(groups) else 0.0


def configure(said: Mapping[str, Any]) -> Importer:
    """The importer for a map. InputError names what in it cannot be."""
    found = column_map(said)
    return replace(IMPORTER, read=lambda row: read(row, found), token_convention=found.convention)


def read(row: Row, columns: ColumnMap | None = None) -> Fields:
    """One call. Raises RowError naming the field that cannot be."""
    known = columns or ColumnMap()
    named = {meaning: _value(row, meaning, known) for meaning in USUAL}
    bodies = _of_bodies(named)
    tags = _tags(named["tags"])
    model = named["model"] or bodies.get("model")
    latency_ms = number(named, "latency_ms", MAX_MS)
    latency_s = number(named, "latency_s", MAX_MS / 1000)
    found = {
        **bodies,
        **{name: named[name] for name in ("call_id", "trace_id", "session_id", "service_tier")},
        "requested_at": _requested_at(named, known),
        "latency_ms": latency_s * 1000 if latency_ms is None and latency_s is not None else latency_ms,
        "ttft_ms": number(named, "ttft_ms", MAX_MS),
        "model": model,
        "provider": named["provider"] or (provider_of(model) if isinstance(model, str) else None),
        "operation": named["operation"] or bodies.get("operation") or "chat",
        "app": named["app"] or task_tag(tags),
        "tags": tags or None,
        "key_hash": hashlib.sha256(str(named["key"]).encode()).hexdigest() if named["key"] else None,
        "user_hash": named["user"],
        "served_by": named["served_by"] or "teacher",
        "is_batch": _flag(named["is_batch"]),
        "is_retry": _flag(named["is_retry"]),
        "is_truncated": False,
        "logged_cost_usd": number(named, "cost_usd", MAX_COST_USD),
        **_outcome(named),
    }
    return {**found, **_texts(named, bodies), **(_tokens(named, known.convention) or (NO_USAGE if not bodies else {}))}


def _value(row: Row, meaning: str, known: ColumnMap) -> Any:
    for column in known.columns.get(meaning, ()):
        value = row.get(column)
        if value is None and "." in column:
            value = _inside(row, column.split("."))
        if value is not None and value != "":
            return value
    return known.constants.get(meaning)


def _inside(value: Any, path: list[str]) -> Any:
    for step in path:
        value = mapping(value).get(step) if not isinstance(value, Mapping) else value.get(step)
    return value


def _of_bodies(named: Fields) -> Fields:
    if named["request"] is None and named["response"] is None:
        return {}
    return read_exchange(body_of(named["request"]), body_of(named["response"]))


def _requested_at(named: Fields, known: ColumnMap) -> int:
    value = named["requested_at"]
    if known.time_zone is not None and isinstance(value, str | datetime):
        try:
            moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            moment = None
        if moment is not None and moment.tzinfo is None:
            named = {"requested_at": moment.replace(tzinfo=known.time_zone).astimezone(UTC)}
            if not 2018 <= moment.year < 2100:
                raise RowError(f"requested_at: {value} is not a time between 2018 and 2100")
            return micros(named["requested_at"])
    found = utc_micros(named, "requested_at", naive_is_utc=False)
    if found is None:
        raise RowError("requested_at: missing; name its column in the map")
    return found


def _tags(value: Any) -> list[str]:
    found = nested(value) if isinstance(value, str) and value[:1] == "[" else value
    if isinstance(found, str):
        return [tag.strip() for tag in found.split(",") if tag.strip()]
    return [str(tag) for tag in found] if isinstance(found, list) else []


def _flag(value: Any) -> bool | None:
    return None if value is None else str(value).lower() not in NO


def _texts(named: Fields, bodies: Fields) -> Fields:
    """What the columns say goes before what the bodies say."""
    found: Fields = {}
    asked = named["messages"] if named["messages"] is not None else named["input_text"]
    if asked is not None or named["system_prompt"] is not None:
        found.update(said_in(asked, named["system_prompt"]))
    if named["output_text"] is not None or not bodies:
        found.update(spoken(named["output_text"]))
    if named["finish_reason"] is not None:
        found["finish_reason"] = finish_reason(named["finish_reason"])
    if not bodies or named["tools"] is not None:
        found["tool_names"] = tool_names(named["tools"])
    if not bodies or named["response_format"] is not None:
        found["response_schema"] = schema_key(named["response_format"])
    return found


def _tokens(named: Fields, convention: Convention) -> Fields | None:
    prompt, completion = tokens(named, "input_tokens"), tokens(named, "output_tokens")
    if prompt is None and completion is None:
        return None
    one_hour = tokens(named, "cache_write_1h_tokens") or 0
    reasoning = tokens(named, "reasoning_tokens") or 0
    write = tokens(named, "cache_write_tokens")
    if convention == "disjoint":  # parts stand beside each other, the one-hour writes as well
        completion = None if completion is None else completion + reasoning
        write = (write or 0) + one_hour
    count = inclusive_tokens if convention == "inclusive" else exclusive_tokens
    name = "prompt" if convention == "inclusive" else "fresh"
    output = "completion" if convention == "inclusive" else "output"
    counts: dict[str, Any] = {
        name: prompt,
        output: completion,
        "total": tokens(named, "total_tokens"),
        "cache_read": tokens(named, "cache_read_tokens") or 0,
        "cache_write": one_hour if write is None else write,
        "cache_write_1h": one_hour,
        "reasoning": reasoning,
    }
    return count(**counts)


def _outcome(named: Fields) -> Fields:
    code = tokens(named, "http_status")
    failed = str(named["status"]).lower() in FAILED or (code is not None and code >= 400) or bool(named["error_class"])
    return {
        "status": "failure" if failed else "success",
        "error_class": str(named["error_class"])[:200] if named["error_class"] else None,
        "http_status": code if code is not None and 100 <= code < 600 else None,
    }


IMPORTER = Importer(
    name="generic",
    describe="a log of your own: columns under usual names, or a map of them (--map FILE)",
    token_convention="inclusive",
    naive_time_is_utc=False,
    recognise=recognise,
    read=read,
    configure=configure,
)

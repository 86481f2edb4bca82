"""What the columns of a log of nobody's mean: their usual names, or what a person says of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args
from zoneinfo import ZoneInfo

from analytics.errors import InputError, UnknownName
from analytics.importers import Convention
from analytics.importers.fields import mapping

USUAL: dict[str, tuple[str, ...]] = {  # meaning, and the columns that are taken for it when no map says otherwise
    "call_id": ("call_id", "id", "request_id"),
    "trace_id": ("trace_id",),
    "session_id": ("session_id", "conversation_id"),
    "requested_at": ("requested_at", "timestamp", "created_at", "time", "date"),
    "latency_ms": ("latency_ms", "duration_ms"),
    "latency_s": ("latency_s", "duration_s"),
    "ttft_ms": ("ttft_ms",),
    "provider": ("provider", "vendor"),
    "model": ("model", "model_name"),
    "operation": ("operation",),
    "app": ("app", "task", "application", "prompt_name", "feature"),
    "tags": ("tags",),
    "key": ("key", "api_key", "team"),
    "user": ("user", "user_id"),
    "service_tier": ("service_tier",),
    "is_batch": ("is_batch",),
    "served_by": ("served_by",),
    "system_prompt": ("system_prompt", "system"),
    "messages": ("messages",),
    "input_text": ("input_text", "prompt", "input", "question"),
    "output_text": ("output_text", "completion", "output", "answer", "response"),
    "tools": ("tools",),
    "response_format": ("response_format",),
    "finish_reason": ("finish_reason",),
    "input_tokens": ("input_tokens", "prompt_tokens", "tokens_in"),
    "output_tokens": ("output_tokens", "completion_tokens", "tokens_out"),
    "total_tokens": ("total_tokens",),
    "cache_read_tokens": ("cache_read_tokens", "cached_tokens"),
    "cache_write_tokens": ("cache_write_tokens",),
    "cache_write_1h_tokens": ("cache_write_1h_tokens",),
    "reasoning_tokens": ("reasoning_tokens",),
    "cost_usd": ("cost_usd", "cost"),
    "status": ("status",),
    "error_class": ("error_class", "error"),
    "http_status": ("http_status", "status_code"),
    "is_retry": ("is_retry",),
    "request": (),
    "response": (),
}


@dataclass(frozen=True)
class ColumnMap:
    """What a person said of their log."""

    columns: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: USUAL)  # meaning to columns, first wins
    constants: Mapping[str, Any] = field(default_factory=dict)  # the same for every call
    convention: Convention = "inclusive"
    time_zone: ZoneInfo | None = None  # of times without one; None: such times are refused


def column_map(said: Mapping[str, Any]) -> ColumnMap:
    """A map out of a person's TOML. InputError names what in it cannot be."""
    columns = said.get("columns")
    if not isinstance(columns, dict) or not columns:
        raise InputError('--map: needs a table [columns], such as: requested_at = "created"')
    for table in (columns, mapping(said.get("constants"))):
        for meaning, column in table.items():
            if meaning not in USUAL:
                raise UnknownName("column of a call", meaning, USUAL)
            if table is columns and not isinstance(column, str):
                raise InputError(f"--map: columns.{meaning} must be the name of a column in quotes")
    convention = said.get("convention", "inclusive")
    if convention not in get_args(Convention):
        raise InputError(f"--map: convention {convention!r} must be inclusive, exclusive or disjoint")
    return ColumnMap(
        {meaning: (column,) for meaning, column in columns.items()},
        mapping(said.get("constants")),
        convention,
        _zone(said.get("timezone")),
    )


def _zone(name: Any) -> ZoneInfo | None:
    try:
        return None if name is None else ZoneInfo(str(name))
    except (KeyError, ValueError, OSError):
        raise InputError(f"--map: timezone {name!r} is not known; write UTC or a name such as Europe/Berlin") from None

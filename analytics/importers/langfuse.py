"""Langfuse: traces with their observations, or observations one a line, in either spelling of the names.

``usage_details`` holds disjoint counts, yet wrappers often put the whole input under ``input``; the logged total
tells which. Spans, tools and agents are no calls, and a generation around another repeats its tokens.
"""

from collections.abc import Iterable
from typing import Any

from analytics.importers import Fields, Importer, Link, Row
from analytics.importers.bodies.langfuse_usage import read_details, usage_of
from analytics.importers.bodies.spoken import said_in, spoken
from analytics.importers.envelope import provider_of
from analytics.importers.fields import (
    MAX_COST_USD,
    RowError,
    mapping,
    nested,
    number,
    schema_key,
    task_tag,
    tool_names,
    utc_micros,
)

CALLS = ("GENERATION", "EMBEDDING")
OWN_KEYS = (
    "usageDetails",
    "usage_details",
    "parentObservationId",
    "parent_observation_id",
    "promptName",
    "prompt_name",
    "completionStartTime",
    "completion_start_time",
    "costDetails",
    "cost_details",
    "provided_model_name",
    "level",
)
TRACE = "trace around it"  # key under which an observation keeps its trace


def under(row: Row, camel: str, snake: str) -> Any:
    """A value under either of its two spellings."""
    return row[camel] if row.get(camel) is not None else row.get(snake)


def recognise(row: Row) -> float:
    """A trace with observations, or an observation."""
    if isinstance(row.get("observations"), list) and ("trace" in row or "id" in row):
        return 1.0
    if "traceId" not in row and "trace_id" not in row:
        return 0.9 if "bookmarked" in row and "projectId" in row else 0.0
    return min(1.0, sum(key in row for key in OWN_KEYS) / 3) if "type" in row else 0.0


def expand(row: Row) -> Iterable[Row]:
    """The observations of a trace, each with the trace; anything else stands for itself."""
    observations = row.get("observations")
    if not isinstance(observations, list):
        return [row]
    trace = mapping(row.get("trace")) or {key: value for key, value in row.items() if key != "observations"}
    return [{**mapping(each), TRACE: trace} for each in observations]


def link(row: Row) -> Link | None:
    """Where an observation stands in its trace."""
    own = row.get("id")
    if not isinstance(own, str):
        return None
    parent, kind = under(row, "parentObservationId", "parent_observation_id"), str(row.get("type")).upper()
    return Link(
        id=f"{_trace_id(row)}/{own}",
        parent_id=f"{_trace_id(row)}/{parent}" if parent else None,
        is_call=kind in CALLS,
        has_usage=any(type(count) in (int, float) and count for count in usage_of(row).values()),
        is_border=kind == "TOOL",
    )


def _trace_id(row: Row) -> Any:
    return under(row, "traceId", "trace_id") or mapping(row.get(TRACE)).get("id")


def read(row: Row) -> Fields:
    """One call. Raises RowError naming the field that cannot be."""
    kind = str(row.get("type") or "trace").upper()
    if kind not in CALLS:
        raise RowError(f"not a model call: {kind.lower()[:40]}")
    requested_at = utc_micros({"startTime": under(row, "startTime", "start_time")}, "startTime", naive_is_utc=True)
    if requested_at is None:
        raise RowError("startTime: missing")
    trace = mapping(row.get(TRACE))
    model = _model(row)
    parameters = mapping(under(row, "modelParameters", "model_parameters"))
    tags = nested(row.get("tags") or trace.get("tags"))
    tags = [str(tag) for tag in tags] if isinstance(tags, list) else []
    failed = str(row.get("level")).upper() == "ERROR"
    return {
        "call_id": row.get("id"),
        "trace_id": _trace_id(row),
        "session_id": under(row, "sessionId", "session_id") or under(trace, "sessionId", "session_id"),
        "requested_at": requested_at,
        **_timing(row, requested_at),
        "provider": row.get("provider") or (provider_of(model) if model else None),
        "model": model,
        "operation": "embedding" if kind == "EMBEDDING" else "chat",
        # A trace's name is no task: one trace holds calls of several kinds, and some names are unique.
        "app": under(row, "promptName", "prompt_name") or task_tag(tags),
        "tags": tags or None,
        "user_hash": under(row, "userId", "user_id") or under(trace, "userId", "user_id"),
        "served_by": "teacher",
        **said_in(row.get("input")),
        **spoken(row.get("output")),
        "response_schema": schema_key(parameters.get("response_format")),
        "tool_names": tool_names(under(row, "toolDefinitions", "tool_definitions")) or said_tools(row.get("input")),
        "is_truncated": False,
        **read_details(usage_of(row)),
        "logged_cost_usd": _cost(row),
        "status": "failure" if failed else "success",
        "error_class": under(row, "statusMessage", "status_message") or "ERROR" if failed else None,
        "service_tier": parameters.get("service_tier"),
    }


def _model(row: Row) -> str | None:
    names = ("model", "provided_model_name", "providedModelName")
    return next((row[name] for name in names if isinstance(row.get(name), str) and row[name]), None)


def said_tools(asked: Any) -> str | None:
    """Tools offered, where the input holds the request whole."""
    return tool_names(mapping(asked).get("tools"))


def _timing(row: Row, requested_at: int) -> Fields:
    """From the times, since the latency comes in seconds or milliseconds, depending on the export."""
    ended, begun = (
        utc_micros({camel: under(row, camel, snake)}, camel, naive_is_utc=True)
        for camel, snake in (("endTime", "end_time"), ("completionStartTime", "completion_start_time"))
    )
    if ended is not None and ended < requested_at:
        raise RowError("endTime: before startTime")
    return {
        "latency_ms": (ended - requested_at) / 1000 if ended is not None else None,
        "ttft_ms": (begun - requested_at) / 1000 if begun is not None and begun >= requested_at else None,
    }


def _cost(row: Row) -> float | None:
    """As a total; 0 where no price was known is unknown."""
    details = mapping(under(row, "costDetails", "cost_details"))
    costs = (number(details, "total", MAX_COST_USD), number(row, "totalCost", MAX_COST_USD))
    found = next((cost for cost in (*costs, number(row, "total_cost", MAX_COST_USD)) if cost is not None), None)
    return found or None


IMPORTER = Importer(
    name="langfuse",
    describe="Langfuse exports: traces with observations, or observations",
    token_convention="disjoint",
    naive_time_is_utc=True,
    recognise=recognise,
    read=read,
    expand=expand,
    link=link,
)

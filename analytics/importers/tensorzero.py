"""TensorZero: rows of ChatInference, JsonInference, ModelInference, and the datapoints made of them.

Ids are UUIDs of version 7 and so carry the time. Tokens, which only ModelInference has, are inclusive.
Import ModelInference or the other two tables, not all three: they are the same calls.
"""

import uuid
from typing import Any

from analytics.importers import Fields, Importer, Row
from analytics.importers.envelope import provider_of
from analytics.importers.fields import (
    MAX_MS,
    RowError,
    conversation,
    dump,
    mapping,
    nested,
    number,
    text_of,
    tokens,
    utc_micros,
)
from analytics.importers.shapes import finish_reason, inclusive_tokens, tool_call

TIMES = ("timestamp", "created_at", "updated_at")


def recognise(row: Row) -> float:
    """A function's inference or datapoint, or a model's inference."""
    if "function_name" in row and "input" in row and "output" in row:
        return 1.0
    return 1.0 if "inference_id" in row and ("model_provider_name" in row or "raw_request" in row) else 0.0


def read(row: Row) -> Fields:
    """One call. Raises RowError naming the field that cannot be."""
    if row.get("is_deleted") in (True, "true", 1) or row.get("staled_at"):
        raise RowError("not a model call: a datapoint that was taken back")
    output = nested(row.get("output"))
    if output in (None, "", []) and "inference_id" not in row:
        raise RowError("not a model call: a datapoint without an answer")
    tags = [f"{key}:{value}" for key, value in mapping(row.get("tags")).items()]
    return {
        "call_id": row.get("id"),
        "session_id": row.get("episode_id"),
        "trace_id": row.get("inference_id"),
        "requested_at": _requested_at(row),
        "latency_ms": number(row, "response_time_ms", MAX_MS) or number(row, "processing_time_ms", MAX_MS),
        "ttft_ms": number(row, "ttft_ms", MAX_MS),
        "model": row.get("model_name"),
        "provider": row.get("model_provider_name") or provider_of(str(row.get("model_name"))),
        "operation": "chat",
        "app": row.get("function_name"),
        "tags": tags or None,
        "served_by": "cache" if row.get("cached") in (True, "true", 1) else "teacher",
        "is_truncated": False,
        "status": "success",
        **_asked(row),
        **_answered(output),
        "response_schema": "json_schema" if row.get("output_schema") else None,
        "tool_names": _tools(mapping(row.get("tool_params"))),
        "finish_reason": finish_reason(row.get("finish_reason")),
        **inclusive_tokens(prompt=tokens(row, "input_tokens"), completion=tokens(row, "output_tokens"), total=None),
    }


def _requested_at(row: Row) -> int:
    """The time in the id; else a column's."""
    try:
        made = uuid.UUID(str(row.get("id")))
    except ValueError:
        made = None
    if made is not None and made.version == 7:
        found = utc_micros({"id": made.int >> 80}, "id", naive_is_utc=True)
    else:
        moments = (utc_micros(row, name, naive_is_utc=True) for name in TIMES)
        found = next((moment for moment in moments if moment is not None), None)
    if found is None:
        raise RowError("timestamp: missing, and the id is no UUID of version 7")
    return found


def _asked(row: Row) -> Fields:
    asked = mapping(row.get("input"))
    messages = nested(row.get("input_messages") if "input_messages" in row else asked.get("messages"))
    listed = map(mapping, messages if isinstance(messages, list) else [])
    found = [{**message, "content": _content(message.get("content"))} for message in listed]
    system = row.get("system") or asked.get("system")
    return conversation(found, system if isinstance(system, str) else dump(system, "system") if system else None)


def _content(content: Any) -> Any:
    """Blocks of text as text; a template's arguments as JSON, since the template itself is not in the log."""
    if not isinstance(content, list):
        return content
    blocks = [mapping(block) for block in content]
    if any(block.get("type") not in ("text", "template", "raw_text") for block in blocks):
        return content
    texts = [_text(block) for block in blocks]
    return "\n".join(text for text in texts if text)


def _text(block: Fields) -> str | None:
    if block.get("arguments"):
        return dump(block["arguments"], "input")
    value = block.get("text") or block.get("value")
    return value if isinstance(value, str) or value is None else dump(value, "input")


def _answered(output: Any) -> Fields:
    if isinstance(output, dict):  # a JSON function
        raw = output.get("raw")
        return {"output_text": raw if isinstance(raw, str) else dump(output, "output"), "tool_calls": None}
    if isinstance(output, str):
        return {"output_text": output, "tool_calls": None}
    blocks = [mapping(block) for block in output] if isinstance(output, list) else []
    calls = [
        tool_call(block.get("name") or block.get("raw_name"), block.get("arguments") or block.get("raw_arguments"))
        for block in blocks
        if block.get("type") == "tool_call"
    ]
    text = "".join(text for block in blocks if block.get("type") == "text" and (text := text_of(block.get("text"))))
    return {"output_text": text or None, "tool_calls": dump(calls, "tool_calls") if calls else None}


def _tools(parameters: Fields) -> str | None:
    offered = parameters.get("tools_available") or parameters.get("additional_tools")
    names = {str(mapping(tool).get("name")) for tool in offered} if isinstance(offered, list) else set()
    return ",".join(sorted(names - {"None"})) or None


IMPORTER = Importer(
    name="tensorzero",
    describe="TensorZero inferences, model inferences and datapoints",
    token_convention="inclusive",
    naive_time_is_utc=True,
    recognise=recognise,
    read=read,
)

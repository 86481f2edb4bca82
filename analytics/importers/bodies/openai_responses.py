"""OpenAI Responses: ``input`` and ``instructions`` in, a list of output items out."""

from collections.abc import Mapping
from typing import Any

from analytics.importers import Fields
from analytics.importers.bodies.usage import responses_usage
from analytics.importers.fields import conversation, mapping, text_of, tool_names
from analytics.importers.shapes import answered, tool_call

Body = Mapping[str, Any]


def read(request: Body, response: Body) -> Fields:
    """The columns of one exchange."""
    return {
        "model": response.get("model") or request.get("model"),
        "operation": "responses",
        **conversation(_messages(request.get("input")), request.get("instructions") or response.get("instructions")),
        "response_schema": _schema(mapping(mapping(request.get("text") or response.get("text")).get("format"))),
        "tool_names": tool_names(request.get("tools") or response.get("tools")),
        "is_truncated": False,
        **answer(response),
        **responses_usage(mapping(response.get("usage"))),
        "service_tier": response.get("service_tier") or request.get("service_tier"),
        "session_id": response.get("previous_response_id") or mapping(response.get("conversation")).get("id"),
    }


def _messages(asked: Any) -> list[Any] | None:
    """Items of the input as messages; calls of tools and their results keep their own shape."""
    if isinstance(asked, str):
        return [{"role": "user", "content": asked}]
    if not isinstance(asked, list):
        return None
    return [{"role": "user", "content": item} if isinstance(item, str) else item for item in asked]


def _schema(form: Mapping[str, Any]) -> str | None:
    kind = form.get("type")
    if kind == "json_schema":
        return f"json_schema:{form.get('name')}"
    return kind if isinstance(kind, str) and kind != "text" else None


def answer(response: Body) -> Fields:
    """Text of the messages and the tools called, out of the output items."""
    output = response.get("output")
    items = [mapping(item) for item in output] if isinstance(output, list) else []
    texts = [text_of(item.get("content")) for item in items if item.get("type") == "message"]
    calls = [
        tool_call(item.get("name"), item.get("arguments"), item.get("call_id") or item.get("id"))
        for item in items
        if item.get("type") in ("function_call", "custom_tool_call")
    ]
    finish = mapping(response.get("incomplete_details")).get("reason")
    if finish is None and response.get("status") == "completed":
        finish = "tool_calls" if calls else "stop"
    text = "\n".join(text for text in texts if text) or text_of(response.get("output_text"))
    return answered(text, calls, finish)

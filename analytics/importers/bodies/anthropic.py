"""Anthropic messages: the system prompt stands apart, the answer is a list of blocks."""

from collections.abc import Mapping
from typing import Any

from analytics.importers import Fields
from analytics.importers.bodies.usage import anthropic_usage
from analytics.importers.fields import conversation, mapping, text_of, tool_names
from analytics.importers.shapes import answered, tool_call

Body = Mapping[str, Any]


def read(request: Body, response: Body) -> Fields:
    """The columns of one exchange."""
    usage = mapping(response.get("usage"))
    messages = request.get("messages")
    if messages is None and isinstance(request.get("prompt"), str):
        messages = [{"role": "user", "content": request.get("prompt")}]  # text completions, until 2024
    return {
        "model": response.get("model") or request.get("model"),
        "operation": "chat",
        **conversation(messages, request.get("system")),
        "response_schema": _schema(request),
        "tool_names": tool_names(request.get("tools")),
        "is_truncated": False,
        **answer(response),
        **anthropic_usage(usage),
        "service_tier": usage.get("service_tier") or request.get("service_tier"),
    }


def _schema(request: Body) -> str | None:
    """An answer bound to a schema: by an output format, or by one tool that must be called."""
    form = mapping(request.get("output_format") or mapping(request.get("output_config")).get("format"))
    forced = mapping(request.get("tool_choice"))
    if forced.get("type") == "tool" and forced.get("name"):
        return f"tool:{forced['name']}"
    return form.get("type") if isinstance(form.get("type"), str) else None


def answer(response: Body) -> Fields:
    """Text and tool calls out of the blocks; thinking is no part of the answer."""
    content = response.get("content")
    if isinstance(content, str):
        return answered(content, [], response.get("stop_reason"))
    blocks = [mapping(block) for block in content] if isinstance(content, list) else []
    texts = [text for block in blocks if block.get("type") == "text" and (text := text_of(block.get("text")))]
    calls = [
        tool_call(block.get("name"), block.get("input"), block.get("id"))
        for block in blocks
        if block.get("type") == "tool_use"
    ]
    return answered("".join(texts) or text_of(response.get("completion")), calls, response.get("stop_reason"))

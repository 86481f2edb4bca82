"""OpenAI chat completions, and the text completions and embeddings beside them; many vendors answer alike."""

from collections.abc import Mapping
from typing import Any

from analytics.importers import Fields
from analytics.importers.bodies.usage import chat_usage, read_usage
from analytics.importers.fields import conversation, mapping, schema_key, text_of, tool_names
from analytics.importers.shapes import answered, tool_call

Body = Mapping[str, Any]


def read(request: Body, response: Body) -> Fields:
    """The columns of one exchange."""
    usage = mapping(response.get("usage"))
    return {
        "model": response.get("model") or request.get("model"),
        "operation": _operation(request, response),
        **said(request),
        **answer(response),
        **(chat_usage(usage) if "prompt_tokens" in usage else read_usage(usage)),
        "service_tier": response.get("service_tier") or request.get("service_tier"),
    }


def _operation(request: Body, response: Body) -> str:
    if "messages" in request or str(response.get("object")).startswith("chat.completion"):
        return "chat"
    return "embedding" if "input" in request or response.get("object") == "list" else "completion"


def said(request: Body) -> Fields:
    """What was asked."""
    messages = request.get("messages")
    if messages is None:
        asked = request.get("prompt") if "prompt" in request else request.get("input")
        text = text_of(asked)
        messages = [{"role": "user", "content": text}] if text else None
    return {
        **conversation(messages, request.get("system")),
        "response_schema": schema_key(request.get("response_format")),
        "tool_names": tool_names(request.get("tools") or request.get("functions")),
        "is_truncated": False,
    }


def answer(response: Body) -> Fields:
    """What the first choice says; its older form of a tool call is written like the newer."""
    choices = response.get("choices")
    choice = mapping(choices[0]) if isinstance(choices, list) and choices else {}
    return said_by(mapping(choice.get("message")), choice.get("finish_reason"), choice.get("text"))


def said_by(message: Body, finish: Any, text: Any = None) -> Fields:
    """The answer's columns out of an assistant's message."""
    calls = message.get("tool_calls")
    found = [mapping(call) for call in calls] if isinstance(calls, list) else []
    older = mapping(message.get("function_call"))
    if not found and older:
        found = [tool_call(older.get("name"), older.get("arguments"))]
    return answered(text_of(message.get("content")) or text_of(text) or text_of(message.get("refusal")), found, finish)

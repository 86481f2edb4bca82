"""Gemini and Vertex: ``contents`` of parts in, ``candidates`` of parts out. Names come in two spellings."""

from collections.abc import Mapping
from typing import Any

from analytics.importers import Fields
from analytics.importers.bodies.usage import gemini_usage
from analytics.importers.fields import conversation, mapping, tool_names
from analytics.importers.shapes import answered, tool_call

Body = Mapping[str, Any]


def either(body: Body, camel: str, snake: str) -> Any:
    """A value under either of its two spellings."""
    return body[camel] if camel in body else body.get(snake)


def read(request: Body, response: Body) -> Fields:
    """The columns of one exchange."""
    usage = mapping(either(response, "usageMetadata", "usage_metadata"))
    config = mapping(either(request, "generationConfig", "generation_config") or request.get("config"))
    system = either(request, "systemInstruction", "system_instruction") or config.get("system_instruction")
    return {
        "model": model_name(either(response, "modelVersion", "model_version") or request.get("model")),
        "operation": "chat",
        **conversation(messages(request.get("contents")), _text(system)),
        "response_schema": _schema(config),
        "tool_names": tool_names(_declared(request.get("tools") or config.get("tools"))),
        "is_truncated": False,
        **answer(response),
        **gemini_usage(usage),
        "service_tier": usage.get("serviceTier") or _tier(usage.get("trafficType")),
    }


def model_name(value: Any) -> str | None:
    """The model without the path and the suffix that Vertex puts around it."""
    if not isinstance(value, str) or not value:
        return None
    return value.rsplit("/", 1)[-1].removesuffix("@default")


def _tier(traffic: Any) -> str | None:
    """How Vertex was paid; on demand is the default and goes without saying."""
    return traffic.lower() if isinstance(traffic, str) and traffic != "ON_DEMAND" else None


def messages(contents: Any) -> list[Any] | None:
    """Contents as messages: the roles of chat, text as text, anything else as the part it is."""
    if isinstance(contents, str):
        return [{"role": "user", "content": contents}]
    if isinstance(contents, dict):
        contents = [contents]
    if not isinstance(contents, list):
        return None
    return [_message(content) for content in contents]


def _message(content: Any) -> Any:
    if not isinstance(content, dict):
        return {"role": "user", "content": content}
    parts = content.get("parts")
    role = "assistant" if content.get("role") == "model" else content.get("role") or "user"
    text = _text(content)
    plain = isinstance(parts, list) and all(isinstance(part, dict) and set(part) == {"text"} for part in parts)
    return {"role": role, "content": text if plain else parts}


def _text(content: Any) -> str | None:
    if isinstance(content, str):
        return content
    parts = mapping(content).get("parts")
    if isinstance(parts, str):
        return parts
    found = [mapping(part) for part in parts] if isinstance(parts, list) else [mapping(parts)]
    return "".join(part["text"] for part in found if isinstance(part.get("text"), str) and not part.get("thought"))


def _schema(config: Body) -> str | None:
    if any(config.get(key) for key in ("responseSchema", "response_schema", "responseJsonSchema")):
        return "json_schema"
    kind = either(config, "responseMimeType", "response_mime_type")
    return "json_object" if kind == "application/json" else None


def _declared(tools: Any) -> list[Any]:
    found = [mapping(tool) for tool in tools] if isinstance(tools, list) else []
    lists = [either(tool, "functionDeclarations", "function_declarations") for tool in found]
    return [function for functions in lists if isinstance(functions, list) for function in functions]


def answer(response: Body) -> Fields:
    """Text and function calls of the first candidate; thoughts are no part of the answer."""
    candidates = response.get("candidates")
    candidate = mapping(candidates[0]) if isinstance(candidates, list) and candidates else {}
    content = mapping(candidate.get("content"))
    parts = content.get("parts")
    called = [
        mapping(either(mapping(part), "functionCall", "function_call"))
        for part in (parts if isinstance(parts, list) else [])
    ]
    calls = [tool_call(call.get("name"), call.get("args"), call.get("id")) for call in called if call]
    finish = either(candidate, "finishReason", "finish_reason")
    return answered(_text(content), calls, "tool_calls" if calls and finish == "STOP" else finish)

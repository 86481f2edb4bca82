"""What a span's attributes say was asked and answered, under every convention's names."""

import re
from typing import Any

from analytics.importers import Fields
from analytics.importers.bodies.spans import Span, attributes_of, decoded
from analytics.importers.bodies.spoken import said_in, spoken
from analytics.importers.fields import mapping, tool_names
from analytics.importers.shapes import answered, finish_reason, tool_call

ASKED = (
    "gen_ai.input.messages",
    "gen_ai.prompt",
    "ai.prompt.messages",
    "ai.prompt",
    "input.value",
    "input",
    "langfuse.observation.input",
    "traceloop.entity.input",
    "ai.value",
    "ai.values",
)
ANSWERED = (
    "gen_ai.output.messages",
    "gen_ai.completion",
    "output.value",
    "output",
    "langfuse.observation.output",
    "traceloop.entity.output",
)
SYSTEM = ("gen_ai.system_instructions", "gen_ai.request.instructions")
NUMBERED = {
    "asked": (re.compile(r"gen_ai\.prompt\.(\d+)\.(.+)"), re.compile(r"llm\.input_messages\.(\d+)\.message\.(.+)")),
    "answered": (
        re.compile(r"gen_ai\.completion\.(\d+)\.(.+)"),
        re.compile(r"llm\.output_messages\.(\d+)\.message\.(.+)"),
    ),
}
CALL = re.compile(r"tool_calls\.(\d+)\.(?:tool_call\.)?(?:function\.)?(id|name|arguments)")
PART = re.compile(r"contents\.(\d+)\.message_content\.text")
EVENT_ROLES = ("system", "user", "assistant", "tool")
MAX_MESSAGES = 10_000


def asked(span: Span) -> Fields:
    """Prompt columns."""
    found = span.attributes
    system = next((found[name] for name in SYSTEM if found.get(name)), None)
    numbered = _numbered(found, "asked")
    tools = next((found[name] for name in ("gen_ai.tool.definitions", "ai.prompt.tools") if found.get(name)), None)
    if isinstance(tools, list):
        tools = [decoded(tool) for tool in tools]
    offered = {"tool_names": tool_names(tools) or _offered(found)}
    if numbered:
        return {**said_in(numbered, system), **offered}
    value = next((found[name] for name in ASKED if found.get(name) not in (None, "")), None)
    return {**said_in(value if value is not None else _of_events(span, asked=True), system), **offered}


def answer(span: Span) -> Fields:
    """Answer columns."""
    found = span.attributes
    finish = _finish(found)
    numbered = _numbered(found, "answered")
    if numbered:
        said = spoken([numbered[0]])
    elif any(name in found for name in ("ai.response.text", "ai.response.object", "ai.response.toolCalls")):
        said = _of_ai_sdk(found)
    else:
        value = next((found[name] for name in ANSWERED if found.get(name) not in (None, "")), None)
        said = spoken(value if value is not None else _of_events(span, asked=False))
    return {**said, "finish_reason": finish or said["finish_reason"]}


def _finish(found: Fields) -> str | None:
    names = ("gen_ai.response.finish_reasons", "ai.response.finishReason", "llm.finish_reason")
    value = decoded(next((found[name] for name in names if found.get(name)), None))
    value = value[0] if isinstance(value, list) and value else value
    return finish_reason(value)


def _of_ai_sdk(found: Fields) -> Fields:
    text = found.get("ai.response.text") or found.get("ai.response.object")
    calls = decoded(found.get("ai.response.toolCalls"))
    items = [mapping(call) for call in calls] if isinstance(calls, list) else []
    made = [
        tool_call(item.get("toolName"), item.get("input", item.get("args")), item.get("toolCallId")) for item in items
    ]
    return answered(text if isinstance(text, str) else None, made, None)


def _numbered(found: Fields, kind: str) -> list[Fields]:
    """Messages out of names like ``gen_ai.prompt.0.role``."""
    messages: dict[int, Fields] = {}
    for name, value in found.items():
        for pattern in NUMBERED[kind]:
            match = pattern.fullmatch(name)
            if match and int(match[1][:6]) < MAX_MESSAGES:
                messages.setdefault(int(match[1][:6]), {})[match[2]] = value
    return [_message(messages[index]) for index in sorted(messages)]


def _message(parts: Fields) -> Fields:
    calls: dict[str, Fields] = {}
    texts: dict[int, str] = {}
    for name, value in parts.items():
        if call := CALL.fullmatch(name):
            calls.setdefault(call[1], {})[call[2]] = value
        elif (part := PART.fullmatch(name)) and isinstance(value, str):
            texts[int(part[1][:6])] = value
    content = decoded(parts.get("content"))
    if content is None and texts:
        content = "\n".join(texts[index] for index in sorted(texts))
    message: Fields = {"role": parts.get("role"), "content": content}
    if calls:
        message["tool_calls"] = [tool_call(c.get("name"), c.get("arguments"), c.get("id")) for c in calls.values()]
    if parts.get("finish_reason"):
        message["finish_reason"] = parts["finish_reason"]
    return message


def _offered(found: Fields) -> str | None:
    """OpenInference and OpenLLMetry number the tools as well."""
    names = {
        str(mapping(mapping(decoded(value)).get("function")).get("name") or mapping(decoded(value)).get("name"))
        for name, value in found.items()
        if name.startswith("llm.tools.") and name.endswith("json_schema")
    }
    plain = {str(value) for name, value in found.items() if re.fullmatch(r"llm\.request\.functions\.\d+\.name", name)}
    return ",".join(sorted((names | plain) - {"None"})) or None


def _of_events(span: Span, *, asked: bool) -> Any:
    """Messages that an instrumentation wrote as events of the span."""
    messages: list[Any] = []
    for event in span.events:
        name, found = str(event.get("name")), attributes_of(event.get("attributes"))
        direct = (
            ("gen_ai.input.messages", "gen_ai.prompt") if asked else ("gen_ai.output.messages", "gen_ai.completion")
        )
        if value := next((found[each] for each in direct if found.get(each)), None):
            return value
        body = decoded(event.get("body")) or {}
        role = name.removeprefix("gen_ai.").removesuffix(".message")
        if asked and role in EVENT_ROLES and name.startswith("gen_ai."):
            messages.append({"role": role, "content": found.get("content") or mapping(body).get("content")})
        elif not asked and name == "gen_ai.choice":
            said = decoded(found.get("message")) or mapping(body).get("message") or found.get("content")
            return {"message": said} if isinstance(said, dict) else said
    return messages or None

"""Prompts and answers as tracing tools keep them: in a provider's or a framework's shape, plain, or JSON as text."""

from collections.abc import Mapping
from typing import Any

from analytics.importers import Fields
from analytics.importers.bodies import anthropic, gemini, openai_chat, openai_responses
from analytics.importers.fields import NOTHING_SAID, conversation, dump, mapping, nested, text_of
from analytics.importers.shapes import answered, tool_call

ROLES = {"model": "assistant", "human": "user", "ai": "assistant", "humanmessage": "user", "aimessage": "assistant"}
ROLES |= {"systemmessage": "system", "toolmessage": "tool"}
TOOL_PARTS = ("tool_call", "tool-call", "function_call")


def decoded(value: Any) -> Any:
    """JSON text as what it says; any other text as itself."""
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        found = nested(value)
        return value if found is None else found
    return value


def said_in(value: Any, system: Any = None) -> Fields:
    """What was asked, out of an input of whatever shape."""
    asked = decoded(value)
    if asked is None or asked == "":
        return {**NOTHING_SAID, "system_prompt": text_of(decoded_text(system))}
    if isinstance(asked, dict):
        return _asked(asked, system)
    if isinstance(asked, list):
        return conversation([message(each) for each in asked], decoded_text(system))
    text = asked if isinstance(asked, str) else dump(asked, "input")
    return conversation([{"role": "user", "content": text}], decoded_text(system))


def _asked(asked: Fields, system: Any) -> Fields:
    config = mapping(asked.get("config"))
    around = next((asked[key] for key in ("system", "instructions", "systemInstruction") if asked.get(key)), None)
    system = system or around or config.get("system_instruction")
    if "contents" in asked:
        return conversation(gemini.messages(asked["contents"]), decoded_text(system))
    for key in ("messages", "prompt", "input"):
        if asked.get(key):
            return said_in(asked[key], system)
    if "role" in asked or "kwargs" in asked:
        return conversation([message(asked)], decoded_text(system))
    return conversation([{"role": "user", "content": dump(asked, "input")}], decoded_text(system))


def decoded_text(value: Any) -> Any:
    """Instructions as text or as parts of text."""
    found = decoded(value)
    if isinstance(found, dict):
        found = found.get("parts") or found.get("content") or found.get("text")
    if isinstance(found, list):
        return parts_as_content(found)
    return found


def message(value: Any) -> Any:
    """One message with a role and a content, whoever wrote it down."""
    if isinstance(value, str):
        return {"role": "user", "content": value}
    if isinstance(value, list) and len(value) == 1:  # LangChain keeps batches of one
        return message(value[0])
    if not isinstance(value, dict):
        return value
    found = {**value, **mapping(value.get("kwargs"))} if "kwargs" in value else dict(value)
    role = (
        found.get("role")
        or found.get("type")
        or (str(value["id"][-1]) if isinstance(value.get("id"), list) and value["id"] else None)
    )
    found["role"] = ROLES.get(str(role).lower(), role)
    parts = found.get("parts")
    if isinstance(parts, list) and found.get("content") is None:
        found["content"] = parts_as_content(parts)
        del found["parts"]
    elif isinstance(found.get("content"), list):
        found["content"] = parts_as_content(found["content"])
    if set(found) > {"role", "content"} and all(found[key] is None for key in set(found) - {"role", "content"}):
        found = {"role": found["role"], "content": found["content"]}
    return found


def parts_as_content(parts: list[Any]) -> Any:
    """Parts of text as text; a mixture as parts whose text stands under ``text``."""
    texts = [_part_text(part) for part in parts]
    if all(text is not None for text in texts):
        return "\n".join(text for text in texts if text)
    return [part if text is None else {"type": "text", "text": text} for part, text in zip(parts, texts, strict=True)]


def _part_text(part: Any) -> str | None:
    if isinstance(part, str):
        return part
    found = mapping(part)
    if found.get("type") not in (None, "text", "input_text", "output_text"):
        return None
    text = found.get("text") if "text" in found else found.get("content")
    return text if isinstance(text, str) else None


def spoken(value: Any) -> Fields:
    """What was answered, out of an output of whatever shape."""
    said = decoded(value)
    if said is None or said == "":
        return answered(None, [], None)
    if isinstance(said, dict):
        return _answered(said)
    if isinstance(said, list):
        return _answers(said)
    return answered(said if isinstance(said, str) else dump(said, "output"), [], None)


def _answered(said: Fields) -> Fields:
    if "choices" in said:
        return openai_chat.answer(said)
    if "candidates" in said:
        return gemini.answer(said)
    if isinstance(said.get("output"), list):
        return openai_responses.answer(said)
    if isinstance(said.get("content"), dict) and "parts" in said["content"]:
        return gemini.answer({"candidates": [said]})
    if isinstance(said.get("message"), dict):
        return of_message(said["message"], said.get("finish_reason"))
    if not {"role", "content", "parts", "tool_calls", "kwargs", "generations"}.isdisjoint(said):
        return of_message(said, said.get("finish_reason"))
    if isinstance(said.get("text"), str):
        return answered(said["text"], [], said.get("finish_reason") or said.get("finishReason"))
    return answered(dump(said, "output"), [], None)


def _answers(said: list[Any]) -> Fields:
    """The last of several messages, or calls of tools in a row."""
    items = [mapping(each) for each in said]
    if items and all(isinstance(item.get("function"), dict) for item in items):
        return answered(None, items, "tool_calls")
    calls = [_call(item) for item in items if "toolName" in item or item.get("type") in TOOL_PARTS]
    if items and len(calls) == len(items):
        return answered(None, calls, "tool_calls")
    if any("role" in item or "kwargs" in item or "parts" in item for item in items):
        last = next((item for item in reversed(items) if message(item).get("role") in ("assistant", None)), items[-1])
        return of_message(last, last.get("finish_reason"))
    if items and any(item.get("type") == "tool_use" for item in items):
        return anthropic.answer({"content": said})
    text = text_of(said)
    return answered(text if text is not None else dump(said, "output"), [], None)


def of_message(said: Mapping[str, Any], finish: Any) -> Fields:
    """The answer's columns out of one message."""
    found = message(dict(said))
    finish = finish or said.get("finish_reason") or said.get("stop_reason")
    parts = said.get("parts")
    if isinstance(parts, list):
        texts = [_part_text(part) for part in parts]
        calls = [_call(mapping(part)) for part in parts if mapping(part).get("type") in TOOL_PARTS]
        return answered("".join(text for text in texts if text), calls, finish)
    content = found.get("content")
    if isinstance(content, list) and any(mapping(block).get("type") == "tool_use" for block in content):
        return anthropic.answer({"content": content, "stop_reason": finish})
    if isinstance(content, dict):
        content = dump(content, "output")
    made = found.get("tool_calls") or mapping(found.get("additional_kwargs")).get("tool_calls")
    return openai_chat.said_by({**found, "content": content, "tool_calls": made}, finish)


def _call(part: Fields) -> Fields:
    name = part.get("name") or part.get("toolName")
    arguments = next((part[key] for key in ("arguments", "input", "args") if part.get(key) is not None), None)
    return tool_call(name, arguments, part.get("id") or part.get("toolCallId") or part.get("call_id"))

"""Answers that were streamed, put together again: server-sent events, or a list of chunks, of every dialect."""

from collections.abc import Mapping
from typing import Any

from analytics.importers import Fields
from analytics.importers.fields import mapping, nested, tokens

INVOCATION = "amazon-bedrock-invocationMetrics"  # what Bedrock adds to a model's last event


def assembled(value: Any) -> Fields:
    """The response that the events add up to; empty when they are no stream of a known dialect."""
    events = [mapping(each) for each in value] if isinstance(value, list) else _events(str(value))
    events = [event for event in events if event]
    if any(event.get("object") in ("chat.completion.chunk", "text_completion") for event in events):
        return _chat(events)
    whole = [mapping(event.get("response")) for event in events if str(event.get("type")).startswith("response.")]
    if any(whole):
        return [response for response in whole if response][-1]
    if any(event.get("type") == "message_start" for event in events):
        return _anthropic(events)
    if any("candidates" in event or "usageMetadata" in event for event in events):
        return _gemini(events)
    if any("messageStop" in event or "contentBlockDelta" in event for event in events):
        return _converse(events)
    return _native(events)


def _events(text: str) -> list[Fields]:
    lines = [line.strip() for line in text.splitlines() if line.lstrip().startswith("data:")]
    return [mapping(nested(line.removeprefix("data:").strip())) for line in lines]


def _chat(events: list[Fields]) -> Fields:
    """OpenAI's chunks: text and tool calls of the first choice, the usage of the chunk that has one."""
    found: Fields = {**events[0], "object": "chat.completion"}
    text, calls, finish = [], {}, None  # type: ignore[var-annotated]
    for event in events:
        for name in ("id", "model", "created"):  # the first chunk of some has none of them yet
            found[name] = found.get(name) or event.get(name)
        for name in ("usage", "service_tier"):
            found[name] = event.get(name) or found.get(name)
        choices = event.get("choices")
        for choice in map(mapping, choices if isinstance(choices, list) else []):
            if choice.get("index"):
                continue
            delta = mapping(choice.get("delta"))
            text.append(delta.get("content") or choice.get("text"))
            finish = choice.get("finish_reason") or finish
            _add_calls(calls, delta.get("tool_calls"))
    message = {"content": "".join(part for part in text if isinstance(part, str)), "tool_calls": list(calls.values())}
    found["choices"] = [{"message": message, "finish_reason": finish}]
    return found


def _add_calls(calls: dict[Any, Fields], deltas: Any) -> None:
    for delta in map(mapping, deltas if isinstance(deltas, list) else []):
        call = calls.setdefault(
            str(delta.get("index")), {"type": "function", "function": {"name": "", "arguments": ""}}
        )
        call["id"] = delta.get("id") or call.get("id")
        function = mapping(delta.get("function"))
        for name in ("name", "arguments"):
            call["function"][name] += function.get(name) if isinstance(function.get(name), str) else ""


def _anthropic(events: list[Fields]) -> Fields:
    """Anthropic's events: blocks by index; the last usage of each kind counts, for they run up."""
    found: Fields = {}
    blocks: dict[Any, Fields] = {}
    for event in events:
        kind, delta = event.get("type"), mapping(event.get("delta"))
        if kind == "message_start":
            found = dict(mapping(event.get("message")))
        elif kind == "content_block_start":
            blocks[str(event.get("index"))] = dict(mapping(event.get("content_block")))
        elif kind == "content_block_delta":
            _add_delta(blocks.setdefault(str(event.get("index")), {"type": "text"}), delta)
        elif kind == "message_delta":
            found["stop_reason"] = delta.get("stop_reason")
            found["usage"] = {**mapping(found.get("usage")), **mapping(event.get("usage"))}
        found[INVOCATION] = event.get(INVOCATION) or found.get(INVOCATION)
    for block in blocks.values():
        if isinstance(block.get("partial"), str):
            block["input"] = nested(block.pop("partial")) or {}
    found["content"] = list(blocks.values())
    return found


def _add_delta(block: Fields, delta: Mapping[str, Any]) -> None:
    for source, target in (("text", "text"), ("partial_json", "partial")):
        if isinstance(delta.get(source), str):
            before = block.get(target)
            block[target] = (before if isinstance(before, str) else "") + delta[source]


def _gemini(events: list[Fields]) -> Fields:
    """Gemini's chunks: parts in a row; the last usage counts."""
    found: Fields = {}
    parts: list[Any] = []
    finish = None
    for event in events:
        found.update({key: value for key, value in event.items() if key != "candidates"})
        candidates = event.get("candidates")
        for candidate in map(mapping, candidates[:1] if isinstance(candidates, list) else []):
            more = mapping(candidate.get("content")).get("parts")
            parts += more if isinstance(more, list) else []
            finish = candidate.get("finishReason") or finish
    found["candidates"] = [{"content": {"role": "model", "parts": parts}, "finishReason": finish}]
    return found


def _converse(events: list[Fields]) -> Fields:
    """Converse's events: text and tool input by block; usage in the metadata."""
    blocks: dict[str, Fields] = {}
    found: Fields = {}
    for event in events:
        begun, more = mapping(event.get("contentBlockStart")), mapping(event.get("contentBlockDelta"))
        index = str((begun or more).get("contentBlockIndex", 0))
        if begun:
            blocks[index] = {key: dict(mapping(value)) for key, value in mapping(begun.get("start")).items()}
        delta = mapping(more.get("delta"))
        if isinstance(delta.get("text"), str):
            block = blocks.setdefault(index, {})
            block["text"] = str(block.get("text") or "") + delta["text"]
        if delta.get("toolUse"):
            use = blocks.setdefault(index, {}).setdefault("toolUse", {})
            use["partial"] = str(use.get("partial") or "") + str(mapping(delta["toolUse"]).get("input") or "")
        found["stopReason"] = mapping(event.get("messageStop")).get("stopReason") or found.get("stopReason")
        for name in ("usage", "metrics"):
            found[name] = mapping(event.get("metadata")).get(name) or found.get(name)
    for block in blocks.values():
        if isinstance(block.get("toolUse"), dict) and "partial" in block["toolUse"]:
            block["toolUse"]["input"] = nested(block["toolUse"].pop("partial")) or {}
    found["output"] = {"message": {"role": "assistant", "content": list(blocks.values())}}
    return found


def _native(events: list[Fields]) -> Fields:
    """Chunks of Bedrock's older models: pieces of one text."""
    names = ("generation", "outputText", "completion")
    pieces = [event[name] for event in events for name in names if isinstance(event.get(name), str)]
    if not pieces:
        return {}
    last = events[-1]
    finish = next((e["stop_reason"] for e in reversed(events) if e.get("stop_reason")), last.get("completionReason"))
    return {
        "generation": "".join(pieces),
        "stop_reason": finish,
        "prompt_token_count": next((n for e in events if (n := tokens(e, "prompt_token_count")) is not None), None),
        "generation_token_count": tokens(last, "generation_token_count"),
    }

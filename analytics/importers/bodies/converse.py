"""Amazon Bedrock: Converse, and the native bodies of models that speak neither Converse nor another dialect here."""

from collections.abc import Mapping
from typing import Any

from analytics.importers import Fields
from analytics.importers.bodies.usage import NO_USAGE, converse_usage
from analytics.importers.fields import conversation, first_tokens, mapping, text_of, tokens
from analytics.importers.shapes import answered, inclusive_tokens, tool_call

Body = Mapping[str, Any]
PROMPTS = ("prompt", "inputText", "input_text", "message")


def read(request: Body, response: Body) -> Fields:
    """The columns of one exchange."""
    messages = request.get("messages")
    if messages is None:
        prompt = next((request[name] for name in PROMPTS if isinstance(request.get(name), str)), None)
        messages = [{"role": "user", "content": prompt}] if prompt else None
    return {
        "model": response.get("model") or request.get("model") or request.get("modelId"),
        "operation": "embedding" if "embedding" in response or "embeddings" in response else "chat",
        **conversation(messages, request.get("system")),
        "response_schema": None,
        "tool_names": _tool_names(mapping(request.get("toolConfig")).get("tools")),
        "is_truncated": False,
        **answer(response),
        **_usage(response),
    }


def _tool_names(tools: Any) -> str | None:
    specs = [mapping(mapping(tool).get("toolSpec")) for tool in tools] if isinstance(tools, list) else []
    return ",".join(sorted(str(spec["name"]) for spec in specs if spec.get("name"))) or None


def answer(response: Body) -> Fields:
    """The answer's columns, from Converse or from the one text that an older model gives."""
    message = mapping(mapping(response.get("output")).get("message"))
    if not message:
        return _native(response)
    content = message.get("content")
    blocks = [mapping(block) for block in content] if isinstance(content, list) else []
    used = [mapping(block.get("toolUse")) for block in blocks if block.get("toolUse")]
    calls = [tool_call(use.get("name"), use.get("input"), use.get("toolUseId")) for use in used]
    text = "".join(block["text"] for block in blocks if isinstance(block.get("text"), str))
    return answered(text, calls, response.get("stopReason"))


def _native(response: Body) -> Fields:
    """Llama, Titan, Cohere, AI21, Mistral: a text under a name of their own."""
    for name in ("results", "generations", "outputs", "completions"):
        items = response.get(name)
        first = mapping(items[0]) if isinstance(items, list) and items else {}
        first = mapping(first.get("data")) or first
        text = first.get("outputText") or first.get("text")
        if isinstance(text, str):
            return answered(text, [], first.get("completionReason") or first.get("finish_reason"))
    text = text_of(response.get("generation")) or text_of(response.get("completion")) or text_of(response.get("text"))
    return answered(text, [], response.get("stop_reason") or response.get("finish_reason"))


def _usage(response: Body) -> Fields:
    usage = mapping(response.get("usage"))
    if usage:
        return converse_usage(usage)
    prompt = first_tokens(response, "prompt_token_count", "inputTextTokenCount")
    results = response.get("results")
    first = mapping(results[0]) if isinstance(results, list) and results else {}
    answer_tokens = tokens(response, "generation_token_count")
    completion = answer_tokens if answer_tokens is not None else tokens(first, "tokenCount")
    if prompt is None and completion is None:
        return dict(NO_USAGE)
    return inclusive_tokens(prompt=prompt, completion=completion, total=None)

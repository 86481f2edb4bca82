"""Shapes that several sources share: an OpenAI chat answer, and tokens that include their parts."""

from collections.abc import Mapping
from typing import Any

from analytics.importers import Fields
from analytics.importers.fields import RowError, dump, mapping, text_of


def chat_answer(response: Mapping[str, Any]) -> Fields:
    """Output text, tool calls and finish reason of a chat completion's first choice."""
    choices = response.get("choices")
    choice = mapping(choices[0]) if isinstance(choices, list) and choices else {}
    message = mapping(choice.get("message"))
    calls = message.get("tool_calls")
    return {
        "output_text": text_of(message.get("content")),
        "tool_calls": dump(calls, "tool_calls") if calls else None,
        "finish_reason": choice.get("finish_reason"),
    }


FINISHES = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "complete": "stop",
    "completed": "stop",
    "finish": "stop",
    "max_tokens": "length",
    "max_output_tokens": "length",
    "model_context_window_exceeded": "length",
    "tool_use": "tool_calls",
    "tool-calls": "tool_calls",
    "tool_call": "tool_calls",
    "content-filter": "content_filter",
    "content_filtered": "content_filter",
    "guardrail_intervened": "content_filter",
    "safety": "content_filter",
    "refusal": "content_filter",
}


def finish_reason(value: Any) -> str | None:
    """Why an answer ended, in OpenAI's words; reasons of nobody else's stay as they are, in lower case."""
    if type(value) is not str or not value:
        return None
    return FINISHES.get(value.lower(), value.lower())


def tool_call(name: Any, arguments: Any, call_id: Any = None) -> Fields:
    """One call of a tool as OpenAI writes it, whoever made it."""
    text = arguments if type(arguments) is str else dump(arguments if arguments is not None else {}, "tool_calls")
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": text}}


def answered(text: str | None, calls: list[Fields], finish: Any) -> Fields:
    """The answer's columns."""
    return {
        "output_text": text or None,
        "tool_calls": dump(calls, "tool_calls") if calls else None,
        "finish_reason": finish_reason(finish),
    }


def inclusive_tokens(
    *,
    prompt: int | None,
    completion: int | None,
    total: int | None,
    cache_read: int = 0,
    cache_write: int = 0,
    cache_write_1h: int = 0,
    reasoning: int = 0,
) -> Fields:
    """Disjoint token columns of a source whose totals include their parts [tokens].

    ``cache_write`` covers both lifetimes, ``cache_write_1h`` is its one-hour part.
    Raises RowError when a part is larger than its whole.
    """
    if cache_write_1h > cache_write:
        raise RowError(f"cache writes: {cache_write} tokens are less than their one-hour part, {cache_write_1h}")
    if prompt is not None and cache_read + cache_write > prompt:
        raise RowError(f"prompt_tokens: {prompt} is less than its cached part, {cache_read + cache_write}")
    if completion is not None and reasoning > completion:
        raise RowError(f"completion_tokens: {completion} is less than its reasoning part, {reasoning}")
    known = prompt is not None
    return {
        "in_uncached": prompt - cache_read - cache_write if prompt is not None else None,
        "in_cache_read": cache_read if known else None,
        "in_cache_write_5m": cache_write - cache_write_1h if known else None,
        "in_cache_write_1h": cache_write_1h if known else None,
        "out_visible": completion - reasoning if completion is not None else None,
        "out_reasoning": reasoning if completion is not None else None,
        "token_check": None if total is None or prompt is None or completion is None else total == prompt + completion,
    }


def exclusive_tokens(
    *,
    fresh: int | None,
    output: int | None,
    total: int | None = None,
    cache_read: int = 0,
    cache_write: int = 0,
    cache_write_1h: int = 0,
    reasoning: int = 0,
) -> Fields:
    """Token columns of a source whose input count leaves out what was read from or written to a cache [tokens]."""
    prompt = None if fresh is None else fresh + cache_read + cache_write
    return inclusive_tokens(
        prompt=prompt,
        completion=output,
        total=total,
        cache_read=cache_read,
        cache_write=cache_write,
        cache_write_1h=cache_write_1h,
        reasoning=reasoning,
    )

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
    if prompt is not None and cache_read + cache_write > prompt:
        raise RowError(f"prompt_tokens: {prompt} is less than its cached part, {cache_read + cache_write}")
    if completion is not None and reasoning > completion:
        raise RowError(f"completion_tokens: {completion} is less than its reasoning part, {reasoning}")
    known = prompt is not None
    return {
        "in_uncached": prompt - cache_read - cache_write if prompt is not None else None,
        "in_cache_read": cache_read if known else None,
        "in_cache_write_5m": cache_write - min(cache_write, cache_write_1h) if known else None,
        "in_cache_write_1h": min(cache_write, cache_write_1h) if known else None,
        "out_visible": completion - reasoning if completion is not None else None,
        "out_reasoning": reasoning if completion is not None else None,
        "token_check": None if total is None or prompt is None or completion is None else total == prompt + completion,
    }

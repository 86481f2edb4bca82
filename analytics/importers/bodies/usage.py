"""What each provider's usage object means in disjoint tokens: a function a dialect, told apart by ``read_usage``."""

from collections.abc import Mapping
from typing import Any

from analytics.importers import Fields
from analytics.importers.fields import first_tokens, mapping, tokens
from analytics.importers.shapes import exclusive_tokens, inclusive_tokens

Usage = Mapping[str, Any]
NO_USAGE = inclusive_tokens(prompt=None, completion=None, total=None)


def read_usage(usage: Usage) -> Fields:
    """Disjoint tokens of a usage object of any provider. Raises RowError."""
    if "promptTokenCount" in usage or "prompt_token_count" in usage or "candidatesTokenCount" in usage:
        return gemini_usage(usage)
    if "inputTokens" in usage or "outputTokens" in usage:
        return converse_usage(usage)
    if "prompt_tokens" in usage or "completion_tokens" in usage:
        return chat_usage(usage)
    if "billed_units" in usage:
        return cohere_usage(usage)
    if "input_tokens_details" in usage or ("total_tokens" in usage and "cache_read_input_tokens" not in usage):
        return responses_usage(usage)
    if "input_tokens" in usage or "output_tokens" in usage:
        return anthropic_usage(usage)
    return dict(NO_USAGE)


def chat_usage(usage: Usage) -> Fields:
    """OpenAI chat completions and those who answer alike: inclusive.

    Some (xAI) count reasoning outside the completion; their total says so.
    """
    details = mapping(usage.get("prompt_tokens_details"))
    prompt, total = tokens(usage, "prompt_tokens"), tokens(usage, "total_tokens")
    completion = tokens(usage, "completion_tokens")
    reasoning = first_tokens(mapping(usage.get("completion_tokens_details")), "reasoning_tokens")
    reasoning = reasoning or tokens(usage, "reasoning_tokens") or 0
    if completion is None and prompt is not None and total == prompt:
        completion = 0  # an embedding
    return inclusive_tokens(
        prompt=prompt,
        completion=_with_reasoning(prompt, completion, reasoning, total),
        total=total,
        cache_read=tokens(details, "cached_tokens") or _cached(usage),
        cache_write=first_tokens(details, "cache_write_tokens", "cache_creation_tokens")
        or tokens(usage, "cache_creation_input_tokens")
        or 0,
        cache_write_1h=tokens(mapping(details.get("cache_creation_token_details")), "ephemeral_1h_input_tokens") or 0,
        reasoning=reasoning,
    )


def _cached(usage: Usage) -> int:
    names = ("cache_read_input_tokens", "num_cached_tokens", "prompt_cache_hit_tokens", "cached_tokens")
    return first_tokens(usage, *names) or 0


def _with_reasoning(prompt: int | None, completion: int | None, reasoning: int, total: int | None) -> int | None:
    if prompt is None or completion is None or not reasoning or total != prompt + completion + reasoning:
        return completion
    return completion + reasoning


def responses_usage(usage: Usage) -> Fields:
    """OpenAI Responses: inclusive."""
    details = mapping(usage.get("input_tokens_details"))
    prompt, total = tokens(usage, "input_tokens"), tokens(usage, "total_tokens")
    reasoning = tokens(mapping(usage.get("output_tokens_details")), "reasoning_tokens") or 0
    return inclusive_tokens(
        prompt=prompt,
        completion=_with_reasoning(prompt, tokens(usage, "output_tokens"), reasoning, total),
        total=total,
        cache_read=tokens(details, "cached_tokens") or 0,
        cache_write=first_tokens(details, "cache_write_tokens", "cache_creation_tokens") or 0,
        reasoning=reasoning,
    )


def anthropic_usage(usage: Usage) -> Fields:
    """Anthropic messages: exclusive of cache reads and writes; thinking is inside the output."""
    written = mapping(usage.get("cache_creation"))
    five_minutes = tokens(written, "ephemeral_5m_input_tokens")
    one_hour = tokens(written, "ephemeral_1h_input_tokens") or 0
    total_written = tokens(usage, "cache_creation_input_tokens")
    if total_written is None:
        total_written = (five_minutes or 0) + one_hour
    found = exclusive_tokens(
        fresh=tokens(usage, "input_tokens"),
        output=tokens(usage, "output_tokens"),
        total=tokens(usage, "total_tokens"),
        cache_read=tokens(usage, "cache_read_input_tokens") or 0,
        cache_write=total_written,
        cache_write_1h=one_hour,
        reasoning=first_tokens(mapping(usage.get("output_tokens_details")), "thinking_tokens", "reasoning_tokens") or 0,
    )
    if five_minutes is not None and five_minutes + one_hour != total_written:
        found["token_check"] = False
    return found


def gemini_usage(usage: Usage) -> Fields:
    """Gemini and Vertex: cached tokens in the prompt, thoughts outside the candidates, tool prompts outside both."""
    prompt = first_tokens(usage, "promptTokenCount", "prompt_token_count")
    answer = first_tokens(usage, "candidatesTokenCount", "candidates_token_count", "responseTokenCount")
    thoughts = first_tokens(usage, "thoughtsTokenCount", "thoughts_token_count")
    total = first_tokens(usage, "totalTokenCount", "total_token_count")
    is_known = any(count is not None for count in (answer, thoughts, total))
    tool_prompt = first_tokens(usage, "toolUsePromptTokenCount", "tool_use_prompt_token_count") or 0
    return inclusive_tokens(
        prompt=None if prompt is None else prompt + tool_prompt,
        completion=(answer or 0) + (thoughts or 0) if is_known else None,
        total=total,
        cache_read=first_tokens(usage, "cachedContentTokenCount", "cached_content_token_count") or 0,
        reasoning=thoughts or 0,
    )


def converse_usage(usage: Usage) -> Fields:
    """Bedrock's Converse: exclusive of cache reads and writes, with a total of all."""
    details = usage.get("cacheDetails")
    one_hour = [part for part in details if mapping(part).get("ttl") == "1h"] if isinstance(details, list) else []
    return exclusive_tokens(
        fresh=first_tokens(usage, "inputTokens", "inputTokenCount"),
        output=first_tokens(usage, "outputTokens", "outputTokenCount"),
        total=first_tokens(usage, "totalTokens", "totalTokenCount"),
        cache_read=first_tokens(usage, "cacheReadInputTokens", "cacheReadInputTokenCount") or 0,
        cache_write=first_tokens(usage, "cacheWriteInputTokens", "cacheWriteInputTokenCount") or 0,
        cache_write_1h=sum(tokens(part, "inputTokens") or 0 for part in one_hour),
    )


def cohere_usage(usage: Usage) -> Fields:
    """Cohere: what is billed."""
    billed = mapping(usage.get("billed_units"))
    return inclusive_tokens(
        prompt=tokens(billed, "input_tokens"), completion=tokens(billed, "output_tokens"), total=None
    )

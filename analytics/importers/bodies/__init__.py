"""Requests and responses as the providers' APIs speak them, whoever logged them.

One module a dialect; each gives the columns of a call that its two bodies can fill: texts, answer, tokens.
``read_exchange`` tells the dialects apart by shape.
"""

from collections.abc import Callable, Mapping
from typing import Any

from analytics.importers import Fields
from analytics.importers.bodies import anthropic, converse, gemini, openai_chat, openai_responses
from analytics.importers.bodies.streams import assembled
from analytics.importers.fields import mapping

Body = Mapping[str, Any]
DIALECTS: dict[str, Callable[[Body, Body], Fields]] = {
    "openai_chat": openai_chat.read,
    "openai_responses": openai_responses.read,
    "anthropic": anthropic.read,
    "gemini": gemini.read,
    "converse": converse.read,
}


def read_exchange(request: Body, response: Body, dialect: str | None = None) -> Fields:
    """The columns that a request and its response fill. Raises RowError naming the field that cannot be."""
    return DIALECTS[dialect or dialect_of(request, response)](request, response)


def body_of(value: Any) -> Fields:
    """A body as an object: decoded, taken out of its envelope, put together when it is a stream of events."""
    if isinstance(value, list) or (isinstance(value, str) and value.lstrip()[:1] not in ("{", "")):
        return assembled(value)
    found = mapping(value)
    inner = found.get("body")
    return body_of(inner) if isinstance(inner, dict | str | list) and inner else found


def dialect_of(request: Body, response: Body) -> str:
    """Whose API two bodies belong to; the response says most."""
    if "candidates" in response or "usageMetadata" in response or "contents" in request:
        return "gemini"
    if "choices" in response:
        return "openai_chat"
    if response.get("object") == "response" or ("input" in request and "messages" not in request and _asks(request)):
        return "openai_responses"
    if (
        response.get("type") == "message"
        or "anthropic_version" in request
        or ("stop_reason" in response and "content" in response)
    ):
        return "anthropic"
    if "stopReason" in response or "inferenceConfig" in request or isinstance(response.get("output"), dict):
        return "converse"
    if isinstance(response.get("output"), list):
        return "openai_responses"
    return "anthropic" if "system" in request and "max_tokens" in request else "openai_chat"


def _asks(request: Body) -> bool:
    """Is ``input`` a question and not a text to embed?"""
    return "embed" not in str(request.get("model")) and "encoding_format" not in request

"""One request as an application sent it: checked, and read the way its log will be read.

The same importer code reads requests here and in logs, so a student sees in production what it was trained on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from analytics.importers import Fields
from analytics.importers.bodies.openai_chat import said
from analytics.importers.fields import RowError, mapping, task_tag

MOST_DEPTH = 64
TASK_HEADER = "x-spiritsafe-task"
# What a client may not decide for a server: where requests go and with whose key.
FORBIDDEN = ("api_base", "base_url", "api_key", "api_version", "organization", "custom_llm_provider")
# What only the teacher can give; the value is why.
TEACHER_ONLY = {"logprobs": "logprobs", "top_logprobs": "logprobs", "audio": "media", "modalities": "media"}


class Refused(Exception):
    """A request that is answered with an error, in OpenAI's shape."""

    def __init__(self, status: int, message: str, kind: str = "invalid_request_error") -> None:
        super().__init__(message)
        self.status, self.kind = status, kind


@dataclass(frozen=True)
class Asked:
    """A chat request that may be served."""

    body: dict[str, Any]
    fields: Fields  # columns of the calls contract that the request fills
    teacher_only: str | None  # why no student can answer; None when one could
    task: str | None = None  # named by the application

    @property
    def model(self) -> str:
        """The model that was asked for: the teacher."""
        return str(self.body["model"])

    @property
    def is_stream(self) -> bool:
        """Does the application read the answer as it comes?"""
        return self.body.get("stream") is True

    @property
    def text(self) -> str:
        """What a student reads."""
        return str(self.fields["input_text"])


def read(raw: bytes, headers: Mapping[str, str]) -> Asked:
    """Check one body. Raises Refused; no part of the body is ever in the message."""
    body = _object(raw)
    if not isinstance(body.get("model"), str) or not body["model"]:
        raise Refused(400, "model: a text is needed")
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise Refused(400, "messages: a list with at least one message is needed")
    refused = next((name for name in FORBIDDEN if name in body), None)
    if refused:
        raise Refused(400, f"{refused}: not taken from a request; it is set where the router is started")
    try:
        fields = said(body)
    except RowError as error:
        raise Refused(400, str(error)) from None
    return Asked(body, fields | {"app": _app(body, headers)}, _teacher_only(body, fields), headers.get(TASK_HEADER))


def _object(raw: bytes) -> dict[str, Any]:
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise Refused(400, "the body is not valid JSON") from None
    if not isinstance(body, dict):
        raise Refused(400, "the body must be a JSON object")
    if is_too_deep(body):
        raise Refused(400, f"the body is nested more than {MOST_DEPTH} deep")
    return body


def is_too_deep(value: object, most: int = MOST_DEPTH) -> bool:
    """Whether JSON is nested deeper than ``most``; walks level by level, so that depth costs no stack."""
    level = [value]
    for _ in range(most):
        level = [inner for one in level for inner in _inside(one) if isinstance(inner, dict | list)]
        if not level:
            return False
    return True


def _inside(value: object) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def _app(body: Mapping[str, Any], headers: Mapping[str, str]) -> str | None:
    """The explicit key of a task, as importers of logs find it."""
    metadata = mapping(body.get("metadata"))
    tags = metadata.get("tags")
    named = metadata.get("app") or task_tag([f"{name}:{value}" for name, value in metadata.items()])
    return named or (task_tag([str(tag) for tag in tags]) if isinstance(tags, list) else None)


def _teacher_only(body: Mapping[str, Any], fields: Fields) -> str | None:
    if not fields["input_text"]:
        return "no-text"
    if isinstance(body.get("n"), int) and body["n"] > 1:
        return "several-answers"
    if body.get("tools") and body.get("tool_choice") not in (None, "none", "auto"):
        return "tool-forced"
    asked = next((why for name, why in TEACHER_ONLY.items() if body.get(name)), None)
    return asked or ("media" if _has_media(body["messages"]) else None)


def _has_media(messages: list[Any]) -> bool:
    """Whether a message carries more than text: students read text, and media addresses are not for them to open."""
    contents = [message.get("content") for message in messages if isinstance(message, dict)]
    parts = [part for content in contents if isinstance(content, list) for part in content]
    return any(isinstance(part, dict) and part.get("type") not in (None, "text", "input_text") for part in parts)

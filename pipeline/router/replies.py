"""Answers in OpenAI's chat form, whole or as a stream, and errors in its form."""

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

DONE = b"data: [DONE]\n\n"
PIECE = 64  # characters of one streamed delta


@dataclass(frozen=True)
class Usage:
    """Tokens that the teacher would have billed, estimated from the log's tokens a character."""

    prompt_tokens: int
    completion_tokens: int

    def as_json(self) -> dict[str, int]:
        """OpenAI's usage object."""
        total = self.prompt_tokens + self.completion_tokens
        return {"prompt_tokens": self.prompt_tokens, "completion_tokens": self.completion_tokens, "total_tokens": total}


def new_id() -> str:
    """A call's id, as OpenAI's look."""
    return f"chatcmpl-{uuid.uuid4().hex}"


def completion(call_id: str, model: str, text: str, usage: Usage) -> dict[str, Any]:
    """A whole answer."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text, "refusal": None}, "logprobs": None}
    return {
        "id": call_id, "object": "chat.completion", "created": int(time.time()), "model": model,
        "choices": [choice | {"finish_reason": "stop"}], "usage": usage.as_json(),
    }  # fmt: skip


def events(call_id: str, model: str, text: str, usage: Usage | None) -> Iterator[bytes]:
    """The same answer as server-sent events; usage only where it was asked for."""
    base = {"id": call_id, "object": "chat.completion.chunk", "created": int(time.time()), "model": model}
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": text[start : start + PIECE]} for start in range(0, len(text), PIECE)]
    for delta in deltas:
        yield event(base | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    yield event(base | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    if usage is not None:
        yield event(base | {"choices": [], "usage": usage.as_json()})
    yield DONE


def event(content: dict[str, Any]) -> bytes:
    """One server-sent event."""
    return b"data: " + orjson.dumps(content) + b"\n\n"


def error(message: str, kind: str, code: str | None = None) -> dict[str, Any]:
    """An error as OpenAI's clients understand it."""
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}

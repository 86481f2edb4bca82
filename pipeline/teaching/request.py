"""One question to a teacher, its name, and what came back."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.artifacts import canonical

TEMPLATE_VERSION = 1  # of all prompts; a new one makes new questions, so old answers are not taken for theirs


@dataclass(frozen=True)
class Request:
    """One question. Everything but ``job`` and ``expected_tokens`` is part of its name."""

    messages: tuple[tuple[str, str], ...]  # role, text
    max_tokens: int
    temperature: float = 0.0
    top_logprobs: int | None = None
    as_json: bool = False
    sample: int = 0  # number of the sample, where one question is asked several times
    job: str = ""
    expected_tokens: int = 64  # of the answer, for the estimate

    def key(self, model: str, api_base: str | None) -> str:
        """SHA-256 of question, model, parameters, template version and sample number: a known one is never sent."""
        parts = [TEMPLATE_VERSION, model, api_base, self.body(), self.sample]
        return hashlib.sha256(canonical(parts).encode()).hexdigest()

    def body(self) -> dict[str, Any]:
        """What is sent, in the form of chat completions, the model apart."""
        body: dict[str, Any] = {
            "messages": [{"role": role, "content": text} for role, text in self.messages],
            "max_tokens": self.max_tokens,
            "temperature": self.temperature,
        }
        if self.top_logprobs is not None:
            body |= {"logprobs": True, "top_logprobs": self.top_logprobs}
        if self.as_json:
            body["response_format"] = {"type": "json_object"}
        return body


@dataclass(frozen=True)
class Usage:
    """Tokens that the provider says it will bill."""

    input_tokens: int
    output_tokens: int


@dataclass(frozen=True)
class Reply:
    """What a teacher said, read from the stored response."""

    text: str
    finish_reason: str | None
    top_logprobs: str | None  # JSON: for each answer token its text, bytes, logprob and the likeliest others
    usage: Usage | None  # None: not told, or not credible


class NotAReply(ValueError):
    """The body is no chat completion."""


def read_reply(raw: str) -> Reply:
    """The reply in a stored response. Raises NotAReply for anything else, such as an error under status 200."""
    try:
        data = json.loads(raw)
        choice = data["choices"][0]
        text = choice["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise NotAReply("the response holds no answer") from error
    if not isinstance(text, str):
        raise NotAReply("the answer is no text")
    return Reply(text, choice.get("finish_reason"), _logprobs(choice.get("logprobs")), _usage(data.get("usage")))


def _usage(usage: object) -> Usage | None:
    if not isinstance(usage, Mapping):
        return None
    read, written = _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))
    return None if read is None or written is None else Usage(read, written)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _logprobs(found: object) -> str | None:
    if not isinstance(found, Mapping) or not found.get("content"):
        return None
    tokens = [
        _token(one) | {"top": [_token(other) for other in one.get("top_logprobs") or []]} for one in found["content"]
    ]
    return json.dumps(tokens, ensure_ascii=False)


def _token(found: Mapping[str, Any]) -> dict[str, Any]:
    return {name: found.get(name) for name in ("token", "bytes", "logprob")}

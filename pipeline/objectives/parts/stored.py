"""Token probabilities that an API stored, put onto the student's own tokens by their text.

The teacher's tokens are another vocabulary's. Where a teacher token begins at the same byte of the answer as a student
token, each of the teacher's likeliest tokens says what the next bytes might be: its mass goes to the student token
that begins the same way. What maps to nothing stays as *rest*. Where tokens do not begin together nothing is claimed.
"""

import json
from dataclasses import dataclass
from typing import Any

from pipeline.students.neural.chat import Chat, Ids


@dataclass(frozen=True)
class Likely:
    """What the teacher thought at one answer token of the student; empty where nothing is known."""

    ids: Ids
    logprobs: list[float]


@dataclass(frozen=True)
class Aligned:
    """One entry an answer token of the student, and how many are known."""

    tokens: list[Likely]

    @property
    def known(self) -> int:
        """Answer tokens at which the teacher's distribution is known."""
        return sum(bool(one.ids) for one in self.tokens)


def align(stored: str | None, chat: Chat, answer: Ids) -> Aligned:
    """The stored distribution at each of the student's answer tokens."""
    empty = Likely([], [])
    if not stored:
        return Aligned([empty] * len(answer))
    by_byte = _by_byte(json.loads(stored))
    found, at = [], 0
    for token in answer:
        found.append(_mapped(by_byte[at], chat) if at in by_byte else empty)
        at += len(_bytes(chat, token)) if token != chat.stop_id else 0
    return Aligned(found)


def _by_byte(rows: list[dict[str, Any]]) -> dict[int, list[tuple[bytes, float]]]:
    """The likeliest continuations by the byte of the answer at which they begin."""
    found, at = {}, 0
    for row in rows:
        options = row.get("top") or [row]
        found[at] = [(_text(one), float(one["logprob"])) for one in options]
        at += len(_text(row))
    return found


def _text(row: dict[str, Any]) -> bytes:
    return bytes(row["bytes"]) if row.get("bytes") else str(row["token"]).encode()


def _mapped(options: list[tuple[bytes, float]], chat: Chat) -> Likely:
    """Mass of each option on the student token that begins its text; options that meet on one token add up."""
    import math

    mass: dict[int, float] = {}
    for text, logprob in options:
        try:
            ids = chat.tokenizer(text.decode("utf-8"), add_special_tokens=False)["input_ids"]
        except UnicodeDecodeError:
            continue
        if ids:
            mass[ids[0]] = mass.get(ids[0], 0.0) + math.exp(logprob)
    kept = sorted(mass.items(), key=lambda item: -item[1])
    return Likely([token for token, _ in kept], [math.log(share) for _, share in kept if share > 0])


def _bytes(chat: Chat, token: int) -> bytes:
    return str(chat.tokenizer.decode([token])).encode()

"""A base's own chat template, the same at training and at serving, and checked.

Everything before the input is the same for every example: the *prefix*. It is kept apart, because it need be read
once a batch and not once an example (see ``forward``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analytics.errors import InputError

Ids = list[int]
MARK = "\u2402input\u2403"  # stands for the input while the template is cut; no text holds it


@dataclass(frozen=True)
class Chat:
    """Turns inputs and answers into token ids."""

    tokenizer: Any
    start: str  # text of the prompt before the input
    end: str  # text of the prompt after it
    stop_id: int  # ends an answer
    prefix: Ids  # ids of ``start``

    def rest(self, text: str) -> Ids:
        """Ids of the prompt after the prefix."""
        return self._ids(text + self.end)

    def answer(self, text: str) -> Ids:
        """Ids of an answer with the token that ends it."""
        return [*self._ids(text), self.stop_id]

    def text(self, ids: Sequence[int]) -> str:
        """What the ids say."""
        return str(self.tokenizer.decode(list(ids), skip_special_tokens=True))

    def _ids(self, text: str) -> Ids:
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])


def make_chat(tokenizer: Any, instructions: str | None = None) -> Chat:
    """Cut the base's template around the input.

    Raises InputError where the base has no template, or one that changes what stands around the input.
    """
    if not getattr(tokenizer, "chat_template", None):
        start, end = (f"{instructions}\n\n" if instructions else ""), "\n"
    else:
        start, end = _cut(tokenizer, instructions)
    stop = tokenizer.eos_token_id
    if stop is None:
        raise InputError("this base names no token that ends a text, so its answers would never end")
    prefix = list(tokenizer(start, add_special_tokens=False)["input_ids"]) if start else []
    bos = tokenizer.bos_token_id
    if not prefix and bos is not None:
        prefix = [bos]
    return Chat(tokenizer, start, end, int(stop), prefix)


def _cut(tokenizer: Any, instructions: str | None) -> tuple[str, str]:
    messages = [{"role": "system", "content": instructions or ""}, {"role": "user", "content": MARK}]
    try:
        whole = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    except Exception:  # some templates refuse a system message: then the instructions lead the user's turn
        lead = f"{instructions}\n\n" if instructions else ""
        messages = [{"role": "user", "content": lead + MARK}]
        whole = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    start, mark, end = whole.partition(MARK)
    if not mark or MARK in end:
        raise InputError("the base's chat template does not show the input exactly once; choose another base")
    return start, end


def check_chat(chat: Chat, texts: Sequence[str]) -> None:
    """Whether prefix and rest together are what the tokenizer makes of the whole prompt.

    A difference would mean that a student is trained on other tokens than a server sends. Raises InputError.
    """
    for text in texts:
        whole = list(chat.tokenizer(chat.start + text + chat.end, add_special_tokens=False)["input_ids"])
        if chat.start and whole != chat.prefix + chat.rest(text):
            raise InputError("the base's tokenizer joins the start of the prompt with the input; choose another base")

"""The constant part of a prompt: instructions and examples around what changes.

Few-shot prompts put the input inside a fixed text. To a student the fixed text is noise: it drowns the embedding
and makes all inputs look alike. So it is found once, on the training inputs, and taken off everywhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass

MIN_CHARACTERS = 24  # a shorter common start ("How do I ") is language, not a template


@dataclass(frozen=True)
class Template:
    """What most inputs start and end with; empty when there is no such thing."""

    prefix: str
    suffix: str

    def bare(self, text: str) -> str:
        """The changing part; a text outside the template stays whole."""
        if not (self.prefix or self.suffix) or len(text) <= len(self.prefix) + len(self.suffix):
            return text
        if not (text.startswith(self.prefix) and text.endswith(self.suffix)):
            return text
        return text[len(self.prefix) : len(text) - len(self.suffix)].strip()


def find_template(texts: Sequence[str], share: float = 0.9) -> Template:
    """The longest start shared by at least ``share`` of the texts, and with it the end.

    Sorted, a common start shows as the common start of two texts that lie ``share`` of the list apart: the
    best such pair is the answer. The suffix is the same question on reversed texts.
    """
    distinct = sorted(set(texts))
    if len(distinct) < 2:
        return Template("", "")
    prefix = _common_start(distinct, share)
    suffix = _common_start(sorted(text[::-1] for text in distinct), share)[::-1]
    if len(prefix) + len(suffix) < MIN_CHARACTERS:
        return Template("", "")
    # A cut inside a word would leave a stump of it on every input.
    return Template(_to_word_end(prefix), _to_word_end(suffix[::-1])[::-1])


def _common_start(ordered: list[str], share: float) -> str:
    span = max(1, int(share * len(ordered)) - 1)
    pairs = zip(ordered, ordered[span:], strict=False)
    return max((_shared_start(*pair) for pair in pairs), key=len, default="")


def _shared_start(one: str, other: str) -> str:
    length = min(len(one), len(other))
    return one[: next((place for place in range(length) if one[place] != other[place]), length)]


def _to_word_end(start: str) -> str:
    cut = len(start)
    while cut and start[cut - 1].isalnum():
        cut -= 1
    return start[:cut]

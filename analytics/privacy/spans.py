"""Where personal data stands in a text, and which of two that overlap counts."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

TOKEN = re.compile(r"<(?:key|email|iban|card|ip|phone):[a-f][0-9][0-9a-f]{6}>")
# Between digits, in a gate: any sign that is not ASCII may be a gap. Gates read UTF-8 as bytes; told to know signs,
# RE2 needs twice the time, most of it to get ready.
GATE_GAP = r"[ ./()\-\x80-\xff]*"


class Span(NamedTuple):
    """One value in a text."""

    start: int
    end: int
    kind: str
    value: str  # in one spelling, so that variants of the same value give the same token


@dataclass(frozen=True, eq=False)
class Detector:
    """How one kind of value is found."""

    kind: str  # also the name in its tokens
    gate: str  # for RE2, over bytes: no text without a match holds the kind; may match more
    find: Callable[[str], Iterator[Span]]
    narrow: str = ""  # as ``gate`` and narrower, but too large an automaton to meet every text; "": there is none


_ESCAPE = re.compile(r"\\[nrt]\Z")


def begins_word(text: str, start: int) -> bool:
    """Whether what starts here is a word of its own: after no letter or digit, or after a line break in JSON."""
    before = text[max(0, start - 2) : start]
    return not before[-1:].isalnum() or _ESCAPE.search(before) is not None


def without_overlaps(found: Iterable[Span], text: str) -> list[Span]:
    """The spans in order, earlier kinds first served; nothing inside a token of an earlier redaction counts.

    That makes redaction idempotent: text that was redacted before passes unchanged.
    """
    taken = bytearray(len(text))  # a mark a sign: a list of places would cost the square of their number
    for match in TOKEN.finditer(text) if "<" in text else ():
        taken[match.start() : match.end()] = b"x" * (match.end() - match.start())
    kept: list[Span] = []
    for span in found:
        if not any(taken[span.start : span.end]):
            taken[span.start : span.end] = b"x" * (span.end - span.start)
            kept.append(span)
    return sorted(kept)

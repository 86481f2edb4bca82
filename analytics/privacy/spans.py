"""Where personal data stands in a text, and which of two that overlap counts."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

TOKEN = re.compile(r"<(?:key|email|iban|card|ip|phone):[a-f][0-9][0-9a-f]{6}>")
GATE_GAP = r"[ .\-\x{a0}\x{2009}\x{202f}\x{2010}-\x{2013}]"  # between digits, as RE2 writes it


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
    gate: str  # RE2 and Python: no text without a match holds the kind; may match more
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

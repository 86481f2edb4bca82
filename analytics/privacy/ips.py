"""Addresses of machines on a network, version 4 and 6. Version numbers, times and code are left alone."""

import ipaddress
import re
from collections.abc import Iterator

from analytics.privacy.spans import Detector, Span, begins_word

_V4 = re.compile(r"[0-9][0-9]{0,2}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(?![\w]|\.[0-9]|-[a-z])")
_V6_PART = re.compile(r":(?::|[0-9a-fA-F]{1,4}:)")
_V6_BEFORE = re.compile(r"[0-9a-fA-F:]{0,36}\Z")
_V6_AFTER = re.compile(r"[0-9a-fA-F:]{0,36}(?:\.[0-9]{1,3}){0,3}")
# What stands before a number in four parts that is no address.
_VERSION = re.compile(
    r"(?:\bv|ver|version(?:en|s)?|releases?|build|revision|rev|firmware|driver|section|sect|sec|clause|chapter|figure"
    r"|table|item|kapitel|abschnitt|paragraph|article|artikel|upgrade to|update to|installed|§+)"
    r"[\s.:=\"'>~^v]{0,4}\Z"
    r"|[A-Za-z][/@_-]v?\Z|==\s?\Z|[<>=~^]=\s?\Z|[A-Z]{2}-\Z",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(
    r"(?:\b(?:ip|ipv4|host|addr|address|client|server|from|src|dst|remote)[\"']?[=:/]\s?)\Z", re.IGNORECASE
)


def find(text: str) -> Iterator[Span]:
    """Every address but those of no machine in particular (loopback, unspecified, masks); ``value`` is canonical."""
    yield from _version_6(text)
    for match in _V4.finditer(text):
        start = match.start()
        if not begins_word(text, start) or text[start - 1 : start] == ".":
            continue
        before = text[max(0, start - 24) : start]
        if not _VERSION.search(before) or _ADDRESSED.search(before):
            yield from _span(start, match.group())


def _version_6(text: str) -> Iterator[Span]:
    end = 0
    for match in _V6_PART.finditer(text):
        if match.start() >= end:
            start, end = _extent(text, match.start())
            if _stands_alone(text, start, end):
                yield from _span(start, text[start:end])


def _extent(text: str, colon: int) -> tuple[int, int]:
    """How far the signs of an address of version 6 reach around one of its colons."""
    before, after = _V6_BEFORE.search(text, max(0, colon - 36), colon), _V6_AFTER.match(text, colon)
    assert before is not None and after is not None  # both may be empty
    return before.start(), after.end()


def _stands_alone(text: str, start: int, end: int) -> bool:
    found = text[start:end]
    if found.count(":") < 2 or len(found) < 6 or not any(map(str.isdigit, found)):
        return False
    return begins_word(text, start) and not text[end : end + 1].isalnum() and text[start - 1 : start] not in ("_", ".")


def _span(start: int, written: str) -> Iterator[Span]:
    try:
        address = ipaddress.ip_address(written)
    except ValueError:  # a leading zero, a part above 255, or too many groups
        return
    is_mask = written.startswith("255.") and address.version == 4
    if not (address.is_loopback or address.is_unspecified or is_mask):
        yield Span(start, start + len(written), "ip", str(address))


DETECTOR = Detector(
    "ip",
    r"[0-9]\.[0-9]+\.[0-9]+\.[0-9]|[0-9][0-9a-fA-F]{0,3}::|[0-9a-fA-F]{2,4}::[0-9a-fA-F]|::[0-9a-fA-F]{0,3}[0-9]|::[fF]{4}:"
    r"|:[0-9a-fA-F]+:[0-9a-fA-F]+:[0-9a-fA-F]+:",
    find,
)

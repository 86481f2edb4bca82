"""Addresses of machines on a network, version 4 and 6. Version numbers, times and code are left alone."""

import ipaddress
import re
from collections.abc import Iterator

from analytics.privacy.spans import Detector, Span

_V4 = re.compile(
    r"(?:(?<![\w.])|(?<=\\[nrt]))(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}(?![\w]|\.\d|-[a-z])",
    re.ASCII,
)
_V6 = re.compile(
    r"(?:(?<![\w:.])|(?<=\\[nrt]))(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){7}"
    r"|(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){0,6})?::(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){0,6})?"
    r"(?:(?<=:)\d{1,3}(?:\.\d{1,3}){3}|:\d{1,3}(?:\.\d{1,3}){3})?)(?![\w:]|\.\d)",
    re.ASCII,
)
# What stands before a number in four parts that is no address.
_VERSION = re.compile(
    r"(?:\bv|ver|version(?:en|s)?|releases?|build|revision|rev|firmware|driver|section|sect|sec|clause|chapter|figure"
    r"|table|item|kapitel|abschnitt|paragraph|article|artikel|upgrade to|update to|installed|§+)"
    r"[\s.:=\"'>~^v]{0,4}\Z"
    r"|[A-Za-z][/@=_-]v?\Z|==\s?\Z|[<>=~^]=\s?\Z|[A-Z]{2}-\Z",
    re.IGNORECASE,
)
_ADDRESSED = re.compile(r"(?:\b(?:ip|ipv4|host|addr|address|client|server|from|src|dst|remote)[\"']?[=:/]\s?)\Z", re.IGNORECASE)


def find(text: str) -> Iterator[Span]:
    """Every address but those of no machine in particular (loopback, unspecified, masks); ``value`` is canonical."""
    for match in _V4.finditer(text):
        before = text[max(0, match.start() - 24) : match.start()]
        if not _VERSION.search(before) or _ADDRESSED.search(before):
            yield from _span(match)
    if "::" in text or text.count(":") >= 7:
        for match in _V6.finditer(text):
            if match.group().count(":") >= 2 and any(sign.isdigit() for sign in match.group()):
                yield from _span(match)


def _span(match: re.Match[str]) -> Iterator[Span]:
    try:
        address = ipaddress.ip_address(match.group())
    except ValueError:  # a leading zero, or too many groups
        return
    is_mask = address.version == 4 and match.group().startswith("255.")
    if not (address.is_loopback or address.is_unspecified or is_mask):
        yield Span(match.start(), match.end(), "ip", str(address))


DETECTOR = Detector(
    "ip", r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]|[0-9a-fA-F]::|::[0-9a-fA-F]|:[0-9a-fA-F]{1,4}:[0-9a-fA-F]{1,4}:[0-9a-fA-F]", find
)

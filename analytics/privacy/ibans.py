"""International bank account numbers: a country's length, and the checksum over all of it."""

import re
from collections.abc import Iterator

from analytics.privacy.spans import Detector, Span, begins_word

# Length by country, from the IBAN registry of ISO 13616.
LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29,
    "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29,
    "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
    "HN": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20,
    "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19,
    "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29,
    "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24,
    "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
    "YE": 30,
}  # fmt: skip
_GAPS = " \u00a0\u2009\u202f.\\-\u2010-\u2013"
_CHECK_DIGITS = re.compile(rf"[0-9][0-9](?=(?:[{_GAPS}]?[A-Za-z0-9]){{11}})")  # no country's number is shorter
_COUNTRY = re.compile("([A-Za-z]{2})[ \u00a0-]?\\Z")
_NEXT = re.compile(f"[{_GAPS}]?([A-Za-z0-9])")


def is_valid(iban: str) -> bool:
    """Whether the two check digits fit the rest (ISO 7064, mod 97-10). ``iban``: upper case without gaps.

    >>> is_valid("DE89370400440532013000"), is_valid("DE88370400440532013000")
    (True, False)
    """
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97 == 1


def find(text: str) -> Iterator[Span]:
    """Every account number; ``value`` is upper case without gaps."""
    for digits in _CHECK_DIGITS.finditer(text):
        country = _COUNTRY.search(text, max(0, digits.start() - 3), digits.start())
        if country is not None and country.group(1).upper() in LENGTHS and _may_begin(text, country.start()):
            yield from _number(text, country.start(), country.group(1).upper() + digits.group(), digits.end())


def _number(text: str, start: int, signs: str, end: int) -> Iterator[Span]:
    """The number that begins with ``signs``, read on from ``end`` to its country's length."""
    length = LENGTHS[signs[:2]]
    while len(signs) < length and (following := _NEXT.match(text, end)):
        signs, end = signs + following.group(1).upper(), following.end()
    if len(signs) == length and not text[end : end + 1].isalnum() and is_valid(signs):
        yield Span(start, end, "iban", signs)


def _may_begin(text: str, start: int) -> bool:
    return begins_word(text, start) or text[max(0, start - 4) : start].upper() == "IBAN"


_GATE = r"[A-Za-z]{2}(?:[ -]|\xc2\xa0)?[0-9]{2}(?:[ .\-\x80-\xff]*[A-Za-z0-9])"
_NARROW = rf"(?:^|[^A-Za-z0-9]|\\[nrt]|[Ii][Bb][Aa][Nn]){_GATE}{{11}}"
DETECTOR = Detector("iban", rf"{_GATE}{{8}}", find, _NARROW)
# In capitals only: ids in hexadecimal are full of what looks like a country with its check digits.
IN_NAMES = Detector("iban", _NARROW.replace("[A-Za-z]{2}", "[A-Z]{2}"), find)

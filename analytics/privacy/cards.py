"""Payment card numbers: digits in the usual groups, a known issuer's first digits, and the Luhn checksum.

Visa numbers of 13 digits are out of use and look like telephone numbers, so they are not taken.
"""

import re
from collections.abc import Iterator

from analytics.privacy.spans import GATE_GAP, Detector, Span, begins_word

GAP = "[ \u00a0\u2009\u202f.\\-\u2010-\u2013]"
_CANDIDATE = re.compile(
    rf"[2-6][0-9]{{3}}(?:{GAP}[0-9]{{4}}){{2,3}}{GAP}[0-9]{{1,4}}(?:{GAP}[0-9]{{1,3}})?(?![\w]|[.,-][0-9])"
    rf"|3[0-9]{{3}}{GAP}[0-9]{{6}}{GAP}[0-9]{{4,5}}(?![\w]|[.,-][0-9])"
    r"|[2-6][0-9]{12,18}(?![\w]|[.,-][0-9])"
)
_PART_OF = re.compile(
    r"[0-9][./+-]\Z|(?<![0-9])0,\Z|(?<![A-Za-z])[.+]\Z|_\Z"
)  # a longer number, a decimal, a name in code
# First digits and length: Visa, Mastercard, American Express, Diners, Discover, JCB, UnionPay, Maestro.
_ISSUERS = re.compile(
    r"4(?:[0-9]{15}|[0-9]{18})|(?:5[1-5]|2[2-7])[0-9]{14}|3[47][0-9]{13}|3(?:0[0-5]|[689][0-9])[0-9]{11}"
    r"|6(?:011|4[4-9][0-9]|5[0-9]{2})[0-9]{12,15}|35[0-9]{14,17}|62[0-9]{14,17}|(?:50|5[6-8]|6[37])[0-9]{14,17}"
)
_NOT_DIGIT = re.compile(r"[^0-9]")


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B).

    >>> luhn("4111111111111111"), luhn("4111111111111112")
    (True, False)
    """
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0


def find(text: str) -> Iterator[Span]:
    """Every card number; ``value`` is its digits."""
    for match in _CANDIDATE.finditer(text):
        start = match.start()
        if not begins_word(text, start) or _PART_OF.search(text, max(0, start - 3), start):
            continue
        digits = _NOT_DIGIT.sub("", match.group())
        if _ISSUERS.fullmatch(digits) and luhn(digits) and len(set(digits)) > 1:
            yield Span(start, match.end(), "card", digits)


DETECTOR = Detector("card", rf"[2-6](?:{GATE_GAP}[0-9]){{12}}", find)
IN_NAMES = Detector("card", rf"(?:^|[^0-9A-Za-z])[2-6](?:{GATE_GAP}[0-9]){{12}}", find)

"""Telephone numbers: international, North American, national with a leading zero, or any that a word announces.

A bare run of digits that nothing announces is not taken: it is far more often an order or a customer.
"""

import re
from collections.abc import Iterator

from analytics.privacy.phone_words import FILLERS, JOINED_LABELS, LABELS, OTHER_NUMBERS, VERBS
from analytics.privacy.spans import GATE_GAP, Detector, Span

_GAP = "[ \u00a0\u2009\u202f./\\-\u2010-\u2013]"
_LOOSE = "[ \u00a0\u2009\u202f./()\\-\u2010-\u2013]"
_FREE = r"(?:(?<![\w.+/-])(?<![0-9]:)|(?<=\\[nrt]))"  # nothing that the number could be a part of
_END = r"(?![\w]|[.,][0-9])"
_INTERNATIONAL = re.compile(
    rf"(?:(?<![\w.])|(?<=\\[nrt])|(?<=[a-z]:))\(?\+\s?\(?[1-9](?:{_LOOSE}{{0,3}}[0-9]){{7,14}}{_END}"
)
_DOUBLE_ZERO = re.compile(
    rf"{_FREE}(?<![0-9][ ])00{_GAP}?[1-9][0-9]{{0,2}}{_GAP}(?:{_LOOSE}{{0,2}}[0-9]){{6,11}}{_END}"
)
_AMERICAN = re.compile(
    rf"{_FREE}(?<![0-9][ ])(?<![$€£#])(?:1[ .-]?)?"
    rf"(?:\([2-9][0-9]{{2}}\){_GAP}?|[2-9][0-9]{{2}}{_GAP})[2-9][0-9]{{2}}{_GAP}[0-9]{{4}}(?![\w]|[., -][0-9])"
)
_BRACKETED = re.compile(rf"{_FREE}\([0-9]{{2,5}}\){_GAP}?[0-9]{{3,5}}{_GAP}?[0-9]{{3,4}}(?![\w]|[.,-][0-9])")
_NATIONAL = re.compile(
    rf"{_FREE}(?<![0-9][ ])\(?0[1-9][0-9]{{0,4}}\)?(?:{_GAP}{{1,2}}[0-9]{{2,8}}){{1,5}}"
    r"(?![\w]|[.,-][0-9]|[ ][0-9]{2}\b)"
)
_MOBILE = re.compile(
    rf"{_FREE}(?:01[5-7][0-9]{{8,9}}|07[0-9]{{9}}|0[67][0-9]{{8}}|1[3-9][0-9]-[0-9]{{4}}-[0-9]{{4}})(?![\w]|[.,-][0-9])"
)
_ESCAPED_BREAK = re.compile(r"\\+[nrt]")
_WORD = re.compile(r"[^\W\d_]+")
_AS_FIELD = re.compile(r"[:=\"|\[\]]")
_WORDS_BACK, _BEFORE = 5, 48
_RUN = re.compile(rf"[0-9](?:{_LOOSE}{{0,3}}[0-9]){{6,}}+")
_ANNOUNCED = re.compile(rf"\(?\+?[0-9](?:{_LOOSE}{{0,3}}[0-9]){{6,14}}{_END}")
_DATE = re.compile(
    r"(?:19|20)[0-9]{2}[./ -](?:0?[1-9]|1[0-2])[./ -](?:0?[1-9]|[12][0-9]|3[01])(?![0-9])"
    r"|(?<![0-9])(?:0?[1-9]|[12][0-9]|3[01])[./ -](?:0?[1-9]|[12][0-9]|3[01])[./ -](?:19|20)[0-9]{2}(?![0-9])"
)
# Each form with a sign without which it cannot be.
_PLAIN_FORMS = (
    (_INTERNATIONAL, "+"), (_DOUBLE_ZERO, "00"), (_AMERICAN, ""), (_BRACKETED, "("), (_NATIONAL, "0"), (_MOBILE, ""),
)  # fmt: skip
_LEAST_SURE = (_MOBILE, _DOUBLE_ZERO)  # numbers of orders look like these
_ZIP = re.compile(r"[0-9]{5}-[0-9]{4}")  # of the United States, long form
_NOT_DIGIT = re.compile(r"[^0-9]")


def find(text: str) -> Iterator[Span]:
    """Every number; ``value`` is its digits, with + and the country where they were written or are American.

    Only runs of seven digits and more are looked at, each with what stands before it.
    """
    for run in _RUN.finditer(text):
        if _DATE.fullmatch(run.group()):
            continue
        if run.group().isdigit() and not (text[run.start() - 1 : run.start()] in "+(" and run.start()):
            yield from _bare(text, run.start(), run.end())
            continue
        start = _with_lead(text, run.start())
        offset = max(0, start - _BEFORE)
        window, first = text[offset : run.end() + 6], start - offset
        written = text[start : run.end()]
        for form, sign in _PLAIN_FORMS:
            if sign in written:
                yield from _plain(form, window, first, offset)
        if (
            _is_announced(window[:first])
            and (match := _ANNOUNCED.match(window, first))
            and not _DATE.search(match.group())
        ):
            yield _span(offset + first, offset + match.end(), match.group(), _ANNOUNCED)


def _bare(text: str, start: int, end: int) -> Iterator[Span]:
    """Digits in one piece: a mobile number by its first digits, or any that a word announces."""
    if end - start > 15 or not (text[start] in "01" or _is_announced(text[max(0, start - _BEFORE) : start])):
        return
    for form in (_MOBILE, _ANNOUNCED) if text[start] in "01" else (_ANNOUNCED,):
        match = form.match(text, start)
        if match is None or _DATE.search(match.group()):
            continue
        before = text[max(0, start - _BEFORE) : start]
        if not _is_other(before) if form is _MOBILE else _is_announced(before):
            yield _span(start, match.end(), match.group(), form)
            return


def _with_lead(text: str, start: int) -> int:
    """Where a number starts whose first digit is at ``start``: with its plus and its bracket."""
    if text[max(0, start - 2) : start] == "+ ":
        return start - 2
    while start and text[start - 1] in "+(":
        start -= 1
    return start


def _is_other(before: str) -> bool:
    """Whether the words before a bare number say that it is an order's, a customer's or the like."""
    return not OTHER_NUMBERS.isdisjoint(_WORD.findall(re.split(r"[0-9]", _line(before))[-1])[-2:])


def _plain(form: re.Pattern[str], window: str, first: int, offset: int) -> Iterator[Span]:
    for match in form.finditer(window, first):
        if _is_number(form, match.group()) and not (form in _LEAST_SURE and _is_other(window[: match.start()])):
            yield _span(offset + match.start(), offset + match.end(), match.group(), form)


def _line(before: str) -> str:
    """What stands before on the same line, where line breaks may be written as JSON does."""
    return _ESCAPED_BREAK.sub("\n", before).rsplit("\n", 1)[-1].lower()


def _is_announced(before: str) -> bool:
    """Whether the words just before a number say that it is one: a label, and nothing but fillers after it."""
    line = _line(before)
    if not line.isascii() and (ends := [line.rindex(label) for label in JOINED_LABELS if label in line]):
        return not any(map(str.isdigit, line[max(ends) :]))
    for word in reversed(_WORD.findall(line)[-_WORDS_BACK:]):
        if word in LABELS or word in VERBS:
            after = line[line.rindex(word) :]
            return not any(map(str.isdigit, after)) and not (word in VERBS and _AS_FIELD.search(after))
        if word not in FILLERS:
            return False
    return False


def _is_number(form: re.Pattern[str], written: str) -> bool:
    if _DATE.search(written):
        return False
    digits = _NOT_DIGIT.sub("", written)
    if form is _DOUBLE_ZERO:  # numbers of orders are padded with zeros too, but in one piece
        return len(digits) != len(written)
    return not (form is _NATIONAL and (_ZIP.fullmatch(written) or not 9 <= len(digits) <= 12))


def _span(start: int, end: int, written: str, form: re.Pattern[str]) -> Span:
    lead = len(written) - len(written.lstrip("("))
    if lead and ")" not in written:  # an opening bracket that belongs to the sentence
        start, written = start + lead, written[lead:]
    return Span(start, end, "phone", normal_form(written, is_american=form is _AMERICAN))


def normal_form(written: str, *, is_american: bool = False) -> str:
    """One spelling of a number, whatever its gaps.

    >>> normal_form("+49 (0)30 123-456"), normal_form("0049 30 123456"), normal_form("(415) 555-2671", is_american=True)
    ('+4930123456', '+4930123456', '+14155552671')
    """
    is_international = "+" in written
    digits = _NOT_DIGIT.sub("", re.sub(r"\(0\)", "", written) if is_international else written)
    if is_international:
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    return f"+1{digits[-10:]}" if is_american else digits


# Digits in one piece need a leading zero, a plus, a bracket or a label before them: a word in ASCII, or some letter
# that is not (its first byte; not those of quotation marks, dashes and signs of money).
_ASCII_LABELS = "|".join(sorted(filter(str.isascii, LABELS | VERBS)))
_NARROW = (
    rf"(?:^|[^0-9])0(?:{GATE_GAP}0)?{GATE_GAP}[1-9](?:{GATE_GAP}[0-9]){{5}}|1[3-9][0-9]-[0-9]{{4}}-"
    rf"|\([0-9]{{2,5}}\){GATE_GAP}[0-9]|\+[ (]{{0,2}}[0-9](?:{GATE_GAP}[0-9]){{6}}"
    r"|[2-9][0-9]{2}[^0-9A-Za-z]+[2-9][0-9]{2}[^0-9A-Za-z]+[0-9]{4}"
    rf"|(?:(?:^|[^A-Za-z]|\\[nrt])(?i:{_ASCII_LABELS})[^A-Za-z0-9]|[\xc3-\xe0\xe3-\xed])[^0-9]*"
    rf"[0-9](?:{GATE_GAP}[0-9]){{6}}|(?:^|[^A-Za-z]|\\[nrt])(?i:{_ASCII_LABELS})[0-9(+]"
)
DETECTOR = Detector("phone", rf"[0-9](?:{GATE_GAP}[0-9]){{6}}", find, _NARROW)
IN_NAMES = Detector("phone", rf"\+[ (]{{0,2}}[0-9](?:{GATE_GAP}[0-9]){{6}}", find)

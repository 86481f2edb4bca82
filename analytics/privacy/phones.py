"""Telephone numbers: international, North American, national with a leading zero, or any that a word announces.

A bare run of digits that nothing announces is not taken: it is far more often an order or a customer.
"""

import re
from collections.abc import Iterator

from analytics.privacy.spans import Detector, Span

_GAP = "[ \u00a0\u2009\u202f./\\-\u2010-\u2013]"
_LOOSE = "[ \u00a0\u2009\u202f./()\\-\u2010-\u2013]"
_FREE = r"(?:(?<![\w.,+/-])|(?<=\\[nrt]))"  # nothing that the number could be a part of
_END = r"(?![\w]|[.,][0-9])"
_INTERNATIONAL = re.compile(rf"(?:(?<![\w.])|(?<=\\[nrt])|(?<=[a-z]:))\(?\+\s?\(?[1-9](?:{_LOOSE}{{0,3}}[0-9]){{7,14}}{_END}")
_DOUBLE_ZERO = re.compile(rf"{_FREE}00{_GAP}?[1-9](?:{_LOOSE}{{0,3}}[0-9]){{8,13}}{_END}")
_AMERICAN = re.compile(
    rf"{_FREE}(?<![0-9][ ])(?<![$€£#])(?:1[ .-]?)?"
    rf"(?:\([2-9][0-9]{{2}}\){_GAP}?|[2-9][0-9]{{2}}{_GAP})[2-9][0-9]{{2}}{_GAP}[0-9]{{4}}(?![\w]|[., -][0-9])"
)
_BRACKETED = re.compile(rf"{_FREE}\([0-9]{{2,5}}\){_GAP}?[0-9]{{3,5}}{_GAP}?[0-9]{{3,4}}(?![\w]|[.,-][0-9])")
_NATIONAL = re.compile(
    rf"{_FREE}(?<![0-9][ ])\(?0[1-9][0-9]{{0,4}}\)?(?:{_GAP}{{1,2}}[0-9]{{2,8}}){{1,5}}(?![\w]|[.,-][0-9]|[ ][0-9]{{2}}\b)"
)
_MOBILE = re.compile(rf"{_FREE}(?:01[5-7][0-9]{{8,9}}|07[0-9]{{9}}|0[67][0-9]{{8}}|1[3-9][0-9]-[0-9]{{4}}-[0-9]{{4}})(?![\w]|[.,-][0-9])")
_LABELS = (
    r"(?<![A-Za-z])(?:tele)?(?:phone|fon)(?:number)?|(?<![A-Za-z])(?:tel|ph|mob|mobile|cell|cellphone|fax|sms|whatsapp|hotline|landline|handy"
    r"|mobil|mobilnummer|handynummer|telefon|telefonnummer|rufnummer|rückrufnummer|téléphone|portable|móvil|movil|teléfono"
    r"|telefono|celular|telefone|telemóvel|cellulare|telefoon|mobiel|komórka|komórkowy|puhelin|тел|телефон|моб"
    r"|call(?: me| us| her| him| them| back)?|text me|ring(?: me)?|reach (?:me|us)|dial|contact no)(?![A-Za-zà-ÿ])"
    r"|電話|电话|手机|携帯|전화|연락처|휴대폰|هاتف|फोन|फ़ोन|मोबाइल|โทร"
)
_BETWEEN = (
    r"(?:[\s:.=#\"'\[\]\\（：,;*|_–-]|(?<![A-Za-z])(?:number|num|no|nr|nummer|numero|número|numéro|numer|is|at|on|my|the|me|us|under|unter"
    r"|ist|lautet|est|es|é|è|au|al|il|le|el|o|номер|me back|to|номеру|home|work)(?![A-Za-zà-ÿ])|番号|号码|は|번호|nº|n°|№){0,8}"
)
_ANNOUNCED = re.compile(rf"(?:{_LABELS}){_BETWEEN}(\(?\+?[0-9](?:{_LOOSE}{{0,3}}[0-9]){{6,14}}){_END}", re.IGNORECASE)
_DATE = re.compile(
    r"(?:19|20)[0-9]{2}[./ -](?:0?[1-9]|1[0-2])[./ -](?:0?[1-9]|[12][0-9]|3[01])(?![0-9])"
    r"|(?<![0-9])(?:0?[1-9]|[12][0-9]|3[01])[./ -](?:0?[1-9]|[12][0-9]|3[01])[./ -](?:19|20)[0-9]{2}(?![0-9])"
)
_PLAIN_FORMS = (_INTERNATIONAL, _DOUBLE_ZERO, _AMERICAN, _BRACKETED, _NATIONAL, _MOBILE)
_NOT_DIGIT = re.compile(r"[^0-9]")


def find(text: str) -> Iterator[Span]:
    """Every number; ``value`` is its digits, with + and the country where they were written or are American."""
    for form in _PLAIN_FORMS:
        for match in form.finditer(text):
            if _is_number(form, match.group()):
                yield _span(match.start(), match.end(), match.group(), form)
    for match in _ANNOUNCED.finditer(text):
        if not _DATE.search(match.group(1)):
            yield _span(match.start(1), match.end(1), match.group(1), _ANNOUNCED)


def _is_number(form: re.Pattern[str], written: str) -> bool:
    if _DATE.search(written):
        return False
    digits = _NOT_DIGIT.sub("", written)
    if form is _DOUBLE_ZERO:  # numbers of orders are padded with zeros too, but in one piece
        return len(digits) != len(written)
    return not (form is _NATIONAL and not 9 <= len(digits) <= 12)


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


DETECTOR = Detector(
    "phone",
    r"[0-9][ ./()\-\x{a0}\x{2009}\x{202f}\x{2010}-\x{2013}]{0,3}(?:[0-9][ ./()\-\x{a0}\x{2009}\x{202f}\x{2010}-\x{2013}]{0,3}){5}[0-9]",
    find,
)

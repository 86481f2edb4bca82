"""E-mail addresses: plain, in URLs, and with the at and the dots written out."""

import re
from collections.abc import Iterator

from analytics.privacy.spans import Detector, Span

_AT = re.compile(r"[@＠%](?:(?<=[@＠])|(?<=%)40)")
# Written out: in brackets anywhere, as a bare word only where a written dot follows.
_AT_WORD = re.compile(
    r"[\[({<]\s?(?:at|AT|At|ät)\s?[\])}>]\s?|\s(?:at|AT)\s(?=[\w-]+\s(?:dot|DOT)\s|[\w-]+\s?[\[({](?:dot|DOT))"
)
_LOCAL = re.compile(r"[\w!#$&*+/=?^`{|}~%'’.-]{1,64}\Z")
_DOT = r"(?:\.|\s?[\[({<]\s?(?:dot|DOT|Dot|punkt)\s?[\])}>]\s?|\s(?:dot|DOT)\s)"
_DOMAIN = re.compile(rf"(?:[\w](?:[\w-]{{0,61}}[\w])?{_DOT}){{1,6}}(?:xn--[\w-]{{2,59}}|[^\W\d_]{{2,24}})(?![\w-])")
_WRITTEN_DOT = re.compile(r"\s?[\[({<]\s?(?:dot|punkt)\s?[\])}>]\s?|\sdot\s", re.IGNORECASE)
_LEADING = re.compile(r"^(?:\\[nrt]|[!#$&*+/=?^`{|}~%'’.-])+|^(?:mailto|to|cc|bcc|email)=")
_SPLIT = re.compile(r".*[=/?&|]", re.S)  # of a query or a path only what stands last is the address
_FILES = frozenset(("png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "ts", "json", "html", "htm", "mjs", "pdf"))
_USUAL = frozenset(("com", "org", "net", "edu", "gov", "info", "biz", "app", "dev"))
_NOBODY = frozenset({"git"})  # a protocol's user, never a person


def find(text: str) -> Iterator[Span]:
    """Every address with its sign; ``value`` is in lower case.

    >>> [span.value for span in find("ask Jane.Doe@Example.com")] == ["jane.doe" + "@example.com"]
    True
    """
    for at in _AT.finditer(text):
        yield from _address(text, at.start(), at.end(), is_in_words=False)


def find_written_out(text: str) -> Iterator[Span]:
    """Every address whose signs are written as words; ``value`` has them as signs."""
    for at in _AT_WORD.finditer(text):
        gap = text[at.start() - 1 : at.start()] == " "
        yield from _address(text, at.start() - gap, at.end(), is_in_words=at.group().strip().lower() == "at")


def _address(text: str, end: int, start: int, *, is_in_words: bool) -> Iterator[Span]:
    """The address around a sign that stands between ``end`` and ``start``."""
    local, domain = _local(text, end), _DOMAIN.match(text, start)
    if not local or domain is None or local.lower() in _NOBODY:
        return
    written = _WRITTEN_DOT.sub(".", domain.group())
    if _is_domain(written, is_in_words):
        yield Span(end - len(local), domain.end(), "email", f"{local}@{written}".lower().replace("’", "'"))


def _is_domain(written: str, is_in_words: bool) -> bool:
    """Whether the last part can be a domain's: no file's ending, and a usual one where words stand for signs."""
    last = written.rsplit(".", 1)[1].lower()
    return last not in _FILES and (not is_in_words or len(last) == 2 or last in _USUAL)


def _local(text: str, end: int) -> str:
    """What stands before the sign, without quotes, escapes or the parts of a URL that touch it."""
    found = _LOCAL.search(text, max(0, end - 64), end)
    if found is None:
        return ""
    local = found.group()
    if text[found.start() - 1 : found.start()] == "\\" and local[0] in "nrt":
        local = local[1:]  # the n of a line break in JSON
    local = _LEADING.sub("", _SPLIT.sub("", local))
    return "" if local.endswith((".", "'", "’")) else local


DETECTOR = Detector("email", r"[^\s*(\"'`/]@[A-Za-z0-9\x80-\xff]|\xef\xbc\xa0|%40", find)
_GATE_WORDS = r"[\[({<] ?(?:at|AT|At|\xc3\xa4t) ?[\])}>]| (?:at|AT) [^ ]+ ?[\[({]?(?:dot|DOT)"
WRITTEN_OUT = Detector("email", _GATE_WORDS, find_written_out)

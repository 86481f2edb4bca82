"""Keys of APIs, tokens and passwords: by the marks that their issuers put on them, or by the name before them."""

import re
from collections.abc import Iterator

from analytics.privacy.spans import Detector, Span

# Marks as the issuers document them; what follows a mark is long enough that no word is meant.
_MARKED = (
    # OpenAI, Anthropic, OpenRouter, LiteLLM, Langfuse; names of styles have no digit
    r"sk-(?=[A-Za-z_-]*[0-9])(?:ant-|proj-|svcacct-|admin-|or-v1-|lf-)?[A-Za-z0-9_-]{16,200}",
    r"pk-lf-[0-9a-f-]{32,40}",
    r"gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{40,255}|glpat-[A-Za-z0-9_-]{20,}",
    r"(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}(?![A-Z0-9])",  # Amazon
    r"AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,}",  # Google
    r"xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{20,}|hooks\.slack\.com/services/[A-Za-z0-9/]{20,}",
    r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{24,}",  # Stripe
    r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|key-[0-9a-f]{32}\b",  # SendGrid, Mailgun
    r"hf_[A-Za-z0-9]{30,}|r8_[A-Za-z0-9]{30,}|(?:gsk_|xai-|pplx-|nvapi-)[A-Za-z0-9_-]{40,}",
    r"npm_[A-Za-z0-9]{36}|pypi-AgE[A-Za-z0-9_-]{40,}|dop_v1_[0-9a-f]{60,}|dapi[0-9a-f]{32}",
    r"shp(?:at|ss|ca|pa)_[0-9a-fA-F]{32}",
    r"lin_api_[A-Za-z0-9]{30,}|secret_[A-Za-z0-9]{40,}|ntn_[A-Za-z0-9]{40,}",
    r"(?:AC|SK)[0-9a-f]{32}(?![0-9a-f])|[0-9]{8,10}:AA[A-Za-z0-9_-]{32,35}",  # Twilio, Telegram
    r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?",  # JSON web tokens, their end cut off or not
)
MARKED = re.compile(rf"(?:(?<![A-Za-z0-9_-])|(?<=\\[nrt]))(?:{'|'.join(_MARKED)})", re.S)
_PEM = re.compile(
    r"-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY-----(?:.*?-----END (?:[A-Z]+ ){0,3}PRIVATE KEY-----|.*)", re.S
)
_NAMES = (
    r"(?:api|access|secret|account|private|auth|signing|encryption)[_ -]?key|(?:client|app|consumer)[_ -]?secret"
    r"|(?:access|auth|refresh|bearer|id|api|bot)[_ -]?token|secret|token|passwor[dt]|passwd|pwd|authorization"
)
NAMED = re.compile(
    rf"(?:(?:{_NAMES})(?:\\?[\"'])?\s{{0,3}}(?:[:=]>?|\bis\b|=)\s{{0,3}}(?:(?:bearer|basic|token)\s)?|\bbearer\s+)"
    r"(?:\\?[\"'`])?([A-Za-z0-9_+/=.~!@#$%^&*-]{8,200})",
    re.IGNORECASE,
)
IN_URL = re.compile(r"://[^\s:/@\"'<>]{1,64}:([^\s@/\"'<>]{3,128})@")
_SURE_LENGTH = 16
_RUN = re.compile(rf"[A-Za-z0-9_+/=.~%:-]{{{_SURE_LENGTH},}}+")  # no key is shorter, and few words are as long
_DIGIT = re.compile(r"[0-9]")
_BEFORE = 48  # signs in which the name of a key stands
_BEGIN = "-----BEGIN "


def find(text: str) -> Iterator[Span]:
    """Every key; ``value`` is the key as written. Of a named one only the value counts, not its name."""
    if _BEGIN in text:
        yield from (Span(match.start(), match.end(), "key", match.group()) for match in _PEM.finditer(text))
    if "://" in text:
        yield from (Span(*match.span(1), "key", match.group(1)) for match in IN_URL.finditer(text))
    for run in _RUN.finditer(text):
        start = max(0, run.start() - _BEFORE)
        window = text[start : run.end() + 1]
        for match in MARKED.finditer(window, run.start() - start):
            yield Span(start + match.start(), start + match.end(), "key", match.group())
        if _DIGIT.search(run.group()):
            yield from _named(window, start, run.start() - start)


def _named(window: str, offset: int, least: int) -> Iterator[Span]:
    """Values that a name announces and that reach beyond ``least``; the window starts at ``offset``."""
    for match in NAMED.finditer(window):
        value = match.group(1).rstrip(".!")
        if match.end(1) > least and _is_secret(value):
            begin = offset + match.start(1)
            yield Span(begin, begin + len(value), "key", value)


_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z]+(?:[._/-][A-Za-z]*[0-9]{0,4})*")  # of a module, a function or a file


def _is_secret(value: str) -> bool:
    """Long, and of letters with digits mixed in: no word, no plain number, no name in code."""
    letters, digits = sum(map(str.isalpha, value)), sum(map(str.isdigit, value))
    if len(value) < _SURE_LENGTH or letters < 4 or digits < 2:
        return False
    return _UUID.fullmatch(value) is None and _NAME.fullmatch(value) is None


_GATE_MARKS = (
    r"sk-[A-Za-z0-9]|[sp]k-lf-|gh[pousr]_|github_pat_|glpat-|A(?:KIA|SIA|ROA|IDA)[A-Z0-9]|AIza|ya29\.|GOCSPX|xox[abeoprs]-"
    r"|xapp-|hooks\.slack|k_(?:live|test)_|whsec_|SG\.|key-[0-9a-f]{8}|hf_[A-Za-z0-9]{8}|r8_|gsk_|xai-|pplx-|nvapi-|npm_"
    r"|pypi-AgE|dop_v1_|dapi[0-9a-f]{8}|shp(?:at|ss|ca|pa)_|lin_api_|secret_[A-Za-z0-9]{8}|ntn_|(?:AC|SK)[0-9a-f]{8}"
    r"|[0-9]:AA|eyJ|PRIVATE KEY"
)
_GATE_NAMES = (
    r"(?i:key|secret|token|passwor[dt]|passwd|pwd|bearer|authorization)[\\\"']{0,2}\s{0,3}(?:[:=]>?|is|\s)"
    r"\s{0,3}(?:(?i:bearer|basic|token)\s)?[\\\"'`]{0,2}[A-Za-z_+/=.~!@#$%^&*-]*[0-9]"
)
DETECTOR = Detector("key", f"{_GATE_MARKS}|{_GATE_NAMES}|://[^ /@]+:[^ /@]+@", find)
IN_NAMES = Detector("key", _GATE_MARKS, find)  # in a tag or a session nothing is announced

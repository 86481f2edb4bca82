"""Keys of APIs, tokens and passwords: by the marks that their issuers put on them, or by the name before them."""

import re
from collections.abc import Iterator

from analytics.privacy.spans import Detector, Span

# Marks as the issuers document them; what follows a mark is long enough that no word is meant.
_MARKED = (
    r"sk-(?:ant-|proj-|svcacct-|admin-|or-v1-|lf-)?[A-Za-z0-9_-]{16,200}",  # OpenAI, Anthropic, OpenRouter, LiteLLM, Langfuse
    r"pk-lf-[0-9a-f-]{32,40}",
    r"gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{40,255}|glpat-[A-Za-z0-9_-]{20,}",
    r"(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}(?![A-Z0-9])",  # Amazon
    r"AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,}",  # Google
    r"xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{20,}|hooks\.slack\.com/services/[A-Za-z0-9/]{20,}",
    r"(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{24,}",  # Stripe
    r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}|key-[0-9a-f]{32}\b",  # SendGrid, Mailgun
    r"hf_[A-Za-z0-9]{30,}|r8_[A-Za-z0-9]{30,}|gsk_[A-Za-z0-9]{40,}|xai-[A-Za-z0-9]{40,}|pplx-[A-Za-z0-9]{40,}|nvapi-[A-Za-z0-9_-]{40,}",
    r"npm_[A-Za-z0-9]{36}|pypi-AgE[A-Za-z0-9_-]{40,}|dop_v1_[0-9a-f]{60,}|dapi[0-9a-f]{32}|shp(?:at|ss|ca|pa)_[0-9a-fA-F]{32}",
    r"lin_api_[A-Za-z0-9]{30,}|secret_[A-Za-z0-9]{40,}|ntn_[A-Za-z0-9]{40,}",
    r"(?:AC|SK)[0-9a-f]{32}(?![0-9a-f])|[0-9]{8,10}:AA[A-Za-z0-9_-]{32,35}",  # Twilio, Telegram
    r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",  # JSON web tokens
    r"-----BEGIN (?:[A-Z]+ ){0,3}PRIVATE KEY-----(?:.*?-----END (?:[A-Z]+ ){0,3}PRIVATE KEY-----|.*)",
)
MARKED = re.compile(rf"(?:(?<![A-Za-z0-9_-])|(?<=\\[nrt]))(?:{'|'.join(_MARKED)})", re.S)
NAMED = re.compile(
    r"(?:api[_ -]?key|apikey|access[_ -]?key|secret[_ -]?key|account[_ -]?key|client[_ -]?secret|secret[_ -]?access[_ -]?key"
    r"|access[_ -]?token|auth[_ -]?token|refresh[_ -]?token|x-api-key|secret|token|passwor[dt]|passwd|pwd|bearer|authorization)"
    r"(?:\\?[\"'])?\s{0,3}(?:[:=]|=>|:=|\bis\b)?\s{0,3}(?:bearer\s|basic\s)?(?:\\?[\"'`])?([A-Za-z0-9_+/=.~!@#$%^&*-]{8,200})",
    re.IGNORECASE,
)
IN_URL = re.compile(r"://[^\s:/@\"'<>]{1,64}:([^\s@/\"'<>]{3,128})@")
_SURE_LENGTH = 16


def find(text: str) -> Iterator[Span]:
    """Every key; ``value`` is the key as written. Of a named one only the value counts, not its name."""
    for match in MARKED.finditer(text):
        yield Span(match.start(), match.end(), "key", match.group())
    for match in (*IN_URL.finditer(text), *NAMED.finditer(text)):
        value = match.group(1).rstrip(".!")
        if match.re is IN_URL or _is_secret(value):
            yield Span(match.start(1), match.start(1) + len(value), "key", value)


def _is_secret(value: str) -> bool:
    """Long, and of letters with digits mixed in: no word, no plain number, no name in code."""
    letters, digits = sum(map(str.isalpha, value)), sum(map(str.isdigit, value))
    if len(value) < _SURE_LENGTH or letters < 4 or digits < 2:
        return False
    return "(" not in value and not re.fullmatch(r"[a-z]+(?:[._-][a-z0-9]+)*", value) and _UUID.fullmatch(value) is None


_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)

DETECTOR = Detector(
    "key",
    r"sk-[A-Za-z0-9]|[sp]k-lf-|gh[pousr]_|github_pat_|glpat-|A(?:KIA|SIA|ROA|IDA)[A-Z0-9]|AIza|ya29\.|GOCSPX|xox[abeoprs]-|xapp-"
    r"|hooks\.slack|k_(?:live|test)_|whsec_|SG\.|key-[0-9a-f]{8}|hf_[A-Za-z0-9]{8}|r8_|gsk_|xai-|pplx-|nvapi-|npm_|pypi-AgE"
    r"|dop_v1_|dapi[0-9a-f]{8}|shp(?:at|ss|ca|pa)_|lin_api_|secret_[A-Za-z0-9]{8}|ntn_|(?:AC|SK)[0-9a-f]{8}|[0-9]:AA|eyJ|PRIVATE KEY"
    r"|://[^ /@]{1,64}:[^ /@]{1,128}@"
    r"|(?i:api.?key|access.?key|secret|token|passwor[dt]|passwd|pwd|bearer|authorization|account.?key)[\\\"']{0,2}[ :=>is]{1,8}[\\\"'`]?[A-Za-z0-9_+/=.~!@#$%^&*-]{8}",
    find,
)

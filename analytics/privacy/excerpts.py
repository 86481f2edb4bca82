"""What a person is shown of a row that was rejected: its start, without personal data."""

import re
from collections import Counter

from analytics.privacy.find import find
from analytics.privacy.text import redact_text, with_tokens
from analytics.privacy.tokens import Privacy

WITHHELD = "(withheld: the row may hold personal data)"
_LOOKED_AT = 2_000  # signs of which what is shown is the start; values that the cut goes through are still whole there
_ESCAPED = re.compile(r"\\u00([2-7][0-9a-fA-F])")  # some writers of JSON escape the plus, the at sign or the brackets
_KEPT_ESCAPES = '"\\'  # without their escape the row would no longer be what it was


def safe_excerpt(text: str, privacy: Privacy, length: int | None = None) -> str:
    """At most ``length`` signs of the text's start; withheld altogether when it cannot be redacted."""
    if not privacy.redacts:
        return text[:length]
    try:
        return _redacted_start(text, privacy, length)
    except Exception:  # whatever it is, the text must not be stored as it came
        return WITHHELD


def _redacted_start(text: str, privacy: Privacy, length: int | None) -> str:
    """Looked at before it is cut, so that no half of a value is left. What tokens make shorter is not filled up from
    beyond the cut: there a value may be half out of sight."""
    whole = _ESCAPED.sub(_plain, text[:_LOOKED_AT])
    shown = len(whole) if length is None else length
    spans = [span for span in find(whole) if span.start < shown]
    end = max(shown, spans[-1].end) if spans else shown
    return redact_text(with_tokens(whole[:end], spans, privacy), privacy, Counter())[:length]


def _plain(match: re.Match[str]) -> str:
    sign = chr(int(match.group(1), 16))
    return match.group() if sign in _KEPT_ESCAPES else sign

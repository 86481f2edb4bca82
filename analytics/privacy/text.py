"""Redaction of one text. JSON stays JSON, and text that holds nothing personal stays the same object."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import orjson

from analytics.privacy.find import DETECTORS, find
from analytics.privacy.spans import Detector, Span
from analytics.privacy.tokens import Privacy

SHORT = 64  # signs; of a longer string the name of its field tells nothing about the whole


def redact_text(text: str, privacy: Privacy, counts: Counter[str], detectors: Sequence[Detector] = DETECTORS) -> str:
    """The text with a token for each value. Text that was JSON, such as an answer or a tool's arguments, stays so."""
    found = find(text, detectors)
    if not found:
        return text
    own, redacted = Counter[str](), text
    while found:  # what stood too close to a value to be known for one may stand alone beside its token
        own.update(span.kind for span in found)
        redacted = with_tokens(redacted, found, privacy)
        found = find(redacted, detectors)
    if text.lstrip()[:1] in ("{", "[") and _is_json(text) and not _is_json(redacted):
        return redact_json(text, privacy, counts, detectors)  # a number without quotes became a token
    counts.update(own)
    return redacted


def with_tokens(text: str, spans: Sequence[Span], privacy: Privacy) -> str:
    """The text with a token in place of each span; these are in order."""
    parts, end = [], 0
    for span in spans:
        parts += [text[end : span.start], privacy.token(span.kind, span.value)]
        end = span.end
    return "".join([*parts, text[end:]])


def redact_json(text: str, privacy: Privacy, counts: Counter[str], detectors: Sequence[Detector] = DETECTORS) -> str:
    """A JSON document with a token for each value in its strings, names and numbers; ``text`` where it has none."""
    before = counts.total()
    redacted = _redacted(orjson.loads(text), "", privacy, counts, detectors)
    return text if counts.total() == before else orjson.dumps(redacted).decode()


def _redacted(value: Any, name: str, privacy: Privacy, counts: Counter[str], detectors: Sequence[Detector]) -> Any:
    """``name``: of the field that holds the value, which may be what announces a telephone number."""
    if isinstance(value, str):
        return _string(value, name, privacy, counts, detectors)
    if isinstance(value, list):
        return [_redacted(item, name, privacy, counts, detectors) for item in value]
    if isinstance(value, dict):
        return {
            redact_text(key, privacy, counts, detectors): _redacted(item, key, privacy, counts, detectors)
            for key, item in value.items()
        }
    if isinstance(value, int) and not isinstance(value, bool):
        written = _string(str(value), name, privacy, counts, detectors)
        return value if written == str(value) else written
    return value


def _string(value: str, name: str, privacy: Privacy, counts: Counter[str], detectors: Sequence[Detector]) -> str:
    if not name or len(value) > SHORT:
        return redact_text(value, privacy, counts, detectors)
    lead = f"{name}: "
    redacted = redact_text(lead + value, privacy, counts, detectors)
    return redacted[len(lead) :] if redacted.startswith(lead) else redact_text(value, privacy, counts, detectors)


def _is_json(text: str) -> bool:
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return True

"""Every kind of personal data that patterns can tell, in the order in which they claim a place in a text."""

import hashlib
from collections.abc import Sequence

from analytics.privacy import cards, emails, ibans, ips, phones, secrets
from analytics.privacy.spans import Detector, Span, without_overlaps

# The surest come first: a key may hold digits that look like a number, an account holds what looks like a card.
DETECTORS: tuple[Detector, ...] = (
    secrets.DETECTOR,
    emails.DETECTOR,
    emails.WRITTEN_OUT,
    ibans.DETECTOR,
    cards.DETECTOR,
    ips.DETECTOR,
    phones.DETECTOR,
)
# Of a short name, such as a tag or a session: its digits are its own.
NAME_DETECTORS: tuple[Detector, ...] = (secrets.DETECTOR, emails.DETECTOR)
KINDS = tuple(dict.fromkeys(detector.kind for detector in DETECTORS))
RESULTS_KEPT = 50_000  # of recent texts, without the texts: a few megabytes a process
_recent: dict[bytes, tuple[Span, ...]] = {}


def find(text: str, detectors: Sequence[Detector] = DETECTORS) -> Sequence[Span]:
    """Personal data in a text, in order and without overlaps."""
    return without_overlaps((span for detector in detectors for span in detector.find(text)), text)


def find_again(text: str, detectors: Sequence[Detector]) -> Sequence[Span]:
    """``find`` for texts of a log, which repeats itself: what was found lately is looked up.

    detectors: all of them but for those whose gate the text does not pass, so that they do not change the result.
    """
    identity = hashlib.blake2b(text.encode(errors="replace"), digest_size=16).digest()
    if identity not in _recent:
        if len(_recent) >= RESULTS_KEPT:
            _recent.clear()
        _recent[identity] = tuple(find(text, detectors))
    return _recent[identity]

"""Every kind of personal data that patterns can tell, in the order in which they claim a place in a text."""

from collections.abc import Collection, Iterator

from analytics.privacy import cards, emails, ibans, ips, phones, secrets
from analytics.privacy.spans import Detector, Span, without_overlaps

# The surest come first: a key may hold digits that look like a number, an account holds what looks like a card.
DETECTORS: tuple[Detector, ...] = (
    secrets.DETECTOR,
    emails.DETECTOR,
    ibans.DETECTOR,
    cards.DETECTOR,
    ips.DETECTOR,
    phones.DETECTOR,
)
KINDS = tuple(detector.kind for detector in DETECTORS)
GATE = "|".join(detector.gate for detector in DETECTORS)


def find(text: str, kinds: Collection[str] = KINDS) -> list[Span]:
    """Personal data of these kinds in a text, in order and without overlaps."""
    return without_overlaps(_found(text, kinds), text)


def _found(text: str, kinds: Collection[str]) -> Iterator[Span]:
    for detector in DETECTORS:
        if detector.kind in kinds:
            yield from detector.find(text)

"""Every kind of personal data that patterns can tell, in the order in which they claim a place in a text."""

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
# Of a short name, such as a tag or a session, the digits are its own: only what cannot be an id counts.
NAME_DETECTORS: tuple[Detector, ...] = (
    secrets.IN_NAMES,
    emails.DETECTOR,
    ibans.IN_NAMES,
    cards.IN_NAMES,
    ips.DETECTOR,
    phones.IN_NAMES,
)
# Those whose gates are looked for together, see ``columns``.
STAGES = (DETECTORS[:1], DETECTORS[1:])
NAME_STAGES = (NAME_DETECTORS,)
KINDS = tuple(dict.fromkeys(detector.kind for detector in DETECTORS))


def find(text: str, detectors: Sequence[Detector] = DETECTORS) -> Sequence[Span]:
    """Personal data in a text, in order and without overlaps."""
    return without_overlaps((span for detector in detectors for span in detector.find(text)), text)

"""One user's habits must not become the student's: nobody gives more than a twentieth of the training rows.

The cap holds against one person (or one script) who floods the log, by accident or to poison it.
"""

import hashlib
from collections import Counter

from pipeline.examples import Rows
from pipeline.filters import Scope

ORDER = 80
SCOPE: Scope = "trainable"
MAX_SHARE = 0.05
MIN_USERS = 40  # twice as many as the cap needs; among fewer, large shares are natural


def drop(rows: Rows) -> list[str | None]:
    """Rows beyond their user's cap; which of them is decided by a seeded hash of user and input."""
    counts = Counter(user for user in rows.users if user)
    if len(counts) < MIN_USERS:
        return [None] * len(rows)
    cap = largest_cap(counts, len(rows) - counts.total())
    reasons: list[str | None] = [None] * len(rows)
    for user in sorted(user for user, count in counts.items() if count > cap):
        places = [place for place, name in enumerate(rows.users) if name == user]
        for place in sorted(places, key=lambda place: _draw(rows, place))[cap:]:
            reasons[place] = "user_over_cap"
    return reasons


def largest_cap(counts: Counter[str], without_user: int) -> int:
    """Rows a user may keep, so that none holds more than MAX_SHARE of what is left of all."""
    cap = max(counts.values())
    while cap > 1 and cap > MAX_SHARE * (without_user + sum(min(count, cap) for count in counts.values())):
        cap -= 1
    return cap


def _draw(rows: Rows, place: int) -> bytes:
    text = f"{rows.known.seed}:{rows.users[place]}:{rows.forms[place]}:{place}"
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=8).digest()

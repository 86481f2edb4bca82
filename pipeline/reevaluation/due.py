"""When to look again: after a quarter, or before a dated event comes too near. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

QUARTER_DAYS = 91
LEAD_DAYS = 60  # to make a student before a teacher or a base goes
SOON_DAYS = 7  # never due before there was time to act


class Due(NamedTuple):
    """The next re-evaluation."""

    on: str  # ISO day
    why: str


def next_due(today: date, events: Iterable[tuple[str, str]], every_days: int = QUARTER_DAYS) -> Due:
    """The earliest of: the usual interval, and sixty days before each dated event that is still to come.

    >>> next_due(date(2026, 1, 1), [("2026-04-11", "m leaves")]).on, next_due(date(2026, 1, 1), []).on
    ('2026-02-10', '2026-04-02')
    """
    usual = Due((today + timedelta(days=every_days)).isoformat(), f"every {every_days} days")
    dated = [_before(today, day, what) for day, what in events if day > today.isoformat()]
    return min([usual, *dated], key=lambda due: due.on)


def _before(today: date, day: str, what: str) -> Due:
    early = max(date.fromisoformat(day) - timedelta(days=LEAD_DAYS), today + timedelta(days=SOON_DAYS))
    return Due(early.isoformat(), f"{what} on {day}")

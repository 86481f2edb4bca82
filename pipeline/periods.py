"""Where each row falls: train, tune, calibrate or test.

By time where rows have one: the oldest train, the newest test, because a student serves the future. Pairs have no
time, so whole near-duplicate groups are dealt out by a seeded hash.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from pipeline.contracts import PlanSpec

LEARNING = ("train", "tune")
ENOUGH_TO_CALIBRATE = 600  # rows: half as many again as prove 2 % at 1 % observed (386)
ENOUGH_TO_TUNE = 800  # rows for the confidence model
SYNTHETIC = "synthetic"  # role of inputs that a teacher made up
LESSON = "lesson"  # role of what failed at work and was answered since
TRAIN_ONLY = (SYNTHETIC, LESSON)
PERIODS = (*LEARNING, "calibrate", "test")


def assign(
    spec: PlanSpec, times: Sequence[datetime | None], groups: Sequence[int], forms: Sequence[str], roles: Sequence[str]
) -> list[str]:
    """The period of each row. Rows with a time are cut by time; the others go group by group.

    A made-up input or a lesson from a failure trains and does nothing else: it was not drawn from traffic as it comes,
    so it can prove nothing.
    """
    real = [place for place, role in enumerate(roles) if role not in TRAIN_ONLY]
    when, group = [times[place] for place in real], [groups[place] for place in real]
    found = _assign_real(spec, when, group, [forms[place] for place in real], [roles[place] for place in real])
    periods = ["train"] * len(roles)
    for place, period in zip(real, found, strict=True):
        periods[place] = period
    return periods


def _assign_real(
    spec: PlanSpec, times: Sequence[datetime | None], groups: Sequence[int], forms: Sequence[str], roles: Sequence[str]
) -> list[str]:
    if times and all(time is not None for time in times):
        return _by_time(spec, [time for time in times if time is not None])
    names = _group_names(groups, forms)
    shares = _shares(spec)
    if "pairs-test" in roles:
        shares = _beside_own_test(shares, sum(role != "pairs-test" for role in roles))
    return [
        "test" if role == "pairs-test" else _by_hash(spec, names[group], shares)
        for group, role in zip(groups, roles, strict=True)
    ]


def _beside_own_test(shares: list[tuple[str, float]], rows: int) -> list[tuple[str, float]]:
    """Shares when the user brings a test set: none for testing, and no more rows for the threshold than it needs."""
    held = {"calibrate": ENOUGH_TO_CALIBRATE / max(1, rows), "tune": ENOUGH_TO_TUNE / max(1, rows)}
    return [(period, min(share, held[period])) for period, share in shares if period in held]


def _by_time(spec: PlanSpec, times: list[datetime]) -> list[str]:
    """Cut at the times of the rows that stand at the given shares; rows of one instant stay together."""
    ordered = sorted(times)
    starts = []
    share = 0.0
    for period, part in reversed(_shares(spec)):
        share += part
        rows = max(1, round(share * len(ordered)))  # of a handful of rows the newest one is held back all the same
        starts.append((period, ordered[max(0, len(ordered) - rows)]))
    return [next((period for period, start in starts if time >= start), "train") for time in times]


def _shares(spec: PlanSpec) -> list[tuple[str, float]]:
    return [("tune", spec.tune_share), ("calibrate", spec.calibrate_share), ("test", spec.test_share)]


def _group_names(groups: Sequence[int], forms: Sequence[str]) -> dict[int, str]:
    """A group's first form in the alphabet: unlike its number, it stays when other rows come or go."""
    names: dict[int, str] = {}
    for group, form in zip(groups, forms, strict=True):
        names[group] = min(form, names.get(group, form))
    return names


def _by_hash(spec: PlanSpec, name: str, shares: list[tuple[str, float]]) -> str:
    digest = hashlib.blake2b(f"{spec.seed}:{name}".encode(), digest_size=8).digest()
    place = int.from_bytes(digest, "big") / 2**64
    for period, share in reversed(shares):
        if place < share:
            return period
        place -= share
    return "train"

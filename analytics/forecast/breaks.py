"""Level shifts: where the level of a series moved for good within a day or two.

A two-sided CUSUM of means: at each day, the median level of the 14 days after less that of the 14 days before,
against the robust spread of that very difference over the whole history. Steady growth moves every difference
alike and so is no break; a few odd days do not move a median.
"""

from typing import NamedTuple

import numpy as np

from analytics.forecast.metrics import F
from analytics.forecast.weekly import robust_sd

SIDE_DAYS = 14
LEAST_AFTER = 10  # days after a shift before it is believed
LEAST_JUMP = 0.15  # on the log scale: a sixth up or a seventh down
SDS = 4.0
MOST_BREAKS = 4


class Break(NamedTuple):
    """One level shift."""

    at: int  # first day on the new level
    jump: float  # new level less old [log]


def find_breaks(adjusted: F) -> list[Break]:
    """Level shifts of logs without weekly pattern, oldest first; at most four, the largest."""
    logs, found = adjusted.copy(), list[Break]()
    while len(found) < MOST_BREAKS and (shift := _largest(logs, [one.at for one in found])):
        found.append(shift)
        logs[: shift.at] += shift.jump
    return sorted(found)


def level_history(logs: F, breaks: list[Break]) -> F:
    """The history as if every day had been on today's level: what came before a shift is moved by its jump."""
    moved = logs.copy()
    for shift in breaks:
        moved[: shift.at] += shift.jump
    return moved


def _largest(logs: F, taken: list[int]) -> Break | None:
    places = np.arange(SIDE_DAYS, len(logs) - LEAST_AFTER + 1)
    if len(places) < SIDE_DAYS:
        return None
    jumps = np.array([_jump(logs, int(place)) for place in places])
    noise = max(robust_sd(jumps), _noise(logs))
    far = np.array([all(abs(place - other) >= SIDE_DAYS // 2 for other in taken) for place in places])
    sizes = np.abs(jumps - np.median(jumps)) * far
    best = int(np.argmax(sizes))
    if sizes[best] < max(LEAST_JUMP, SDS * noise):
        return None
    place = _refined(logs, int(places[best]))
    jump = _jump(logs, place)
    return Break(place, jump) if abs(jump) >= LEAST_JUMP else None


def _jump(logs: F, place: int) -> float:
    return float(np.median(logs[place : place + SIDE_DAYS]) - np.median(logs[max(0, place - SIDE_DAYS) : place]))


def _noise(logs: F) -> float:
    """Standard error of a jump were the days independent: sd of a day from day-to-day steps, over both sides."""
    return float(robust_sd(np.diff(logs)) / np.sqrt(2) * 1.25 * np.sqrt(2 / SIDE_DAYS))


def _refined(logs: F, place: int) -> int:
    """The day within a week of ``place`` at which two means fit best (least squares)."""
    low, high = max(0, place - SIDE_DAYS), min(len(logs), place + SIDE_DAYS)
    part = logs[low:high]
    options = range(max(4, place - low - 7), min(len(logs) - low - LEAST_AFTER + 1, place - low + 8))
    costs = {cut: part[:cut].var() * cut + part[cut:].var() * (len(part) - cut) for cut in options}
    return low + min(costs, key=lambda cut: costs[cut]) if costs else place

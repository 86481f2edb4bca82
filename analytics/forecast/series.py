"""The series that come in and the refusal of what is not one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from analytics.errors import InputError
from analytics.forecast.metrics import F


@dataclass(frozen=True)
class DailySeries:
    """One measured quantity by UTC day. Days without an entry are as unknown as days with None."""

    day: tuple[date, ...]  # rising
    value: tuple[float | None, ...]  # None: no data; 0: measured zero

    def __post_init__(self) -> None:
        """Refuse what no forecast can be made of, by the name of the field."""
        if len(self.day) != len(self.value):
            raise InputError(f"DailySeries.value has {len(self.value)} entries for {len(self.day)} of DailySeries.day")
        for before, after in zip(self.day, self.day[1:], strict=False):
            if after <= before:
                raise InputError(f"DailySeries.day must rise; {after} follows {before}")
        for day, value in zip(self.day, self.value, strict=True):
            if value is not None and not (math.isfinite(value) and value >= 0):
                raise InputError(f"DailySeries.value of {day} is {value}; use a number of at least 0, or None")

    def array(self) -> F:
        """Values of every day from the first to the last; NaN where unknown."""
        if not self.day:
            return np.array([])
        out = np.full((self.day[-1] - self.day[0]).days + 1, np.nan)
        for day, value in zip(self.day, self.value, strict=True):
            out[(day - self.day[0]).days] = np.nan if value is None else value
        return out

    def until(self, last: date) -> "DailySeries":
        """The same series as it was known on ``last``."""
        kept = [(day, value) for day, value in zip(self.day, self.value, strict=True) if day <= last]
        return DailySeries(tuple(day for day, _ in kept), tuple(value for _, value in kept))


def days_after(last: date, count: int) -> tuple[date, ...]:
    """The ``count`` days that follow."""
    return tuple(last + timedelta(days=offset + 1) for offset in range(count))


def marked(first: date, count: int, holidays: Sequence[date]) -> np.ndarray:
    """Which of ``count`` days from ``first`` on are holidays."""
    named = set(holidays)
    return np.array([first + timedelta(days=offset) in named for offset in range(count)], dtype=bool)

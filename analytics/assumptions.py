"""Every economic input of the decision: unit, default, spread, range and source, and who set it.

The registry, analytics/assumption_registry.py, is the only place that names them. A value that a person sets keeps the
registered spread around it, in proportion; where signs mix (growth, error_delta) it keeps its width.
``LOW:VALUE:HIGH`` states another spread, and three equal numbers state a value that is known exactly.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from analytics.assumption_registry import (
    REGISTERED_ON,
    REGISTRY,
    Z95,
    Assumption,
    Fixed,
    Lognormal,
    Pert,
    Spread,
)
from analytics.errors import InputError, UnknownName

__all__ = [
    "BY_NAME", "REGISTRY", "Assumption", "Assumptions", "Fixed", "Given", "Lognormal", "Origin", "Pert", "Setting",
    "Spread", "defaults", "known",
]  # fmt: skip

Origin = Literal["default", "measured", "user-set"]
Given = float | int | str | tuple[float, float, float] | list[float]


@dataclass(frozen=True)
class Setting:
    """The value in use for one input, its spread, and who set it."""

    value: float
    spread: Spread
    origin: Origin
    source: str = ""  # who or what says so
    as_of: str = ""  # ISO day


BY_NAME: Mapping[str, Assumption] = {entry.name: entry for entry in REGISTRY}


@dataclass(frozen=True)
class Assumptions:
    """The inputs of one decision. ``with_values`` makes a changed copy; the defaults are ``Assumptions()``."""

    settings: Mapping[str, Setting]

    def value(self, name: str) -> float:
        """The value in use for one input. Raises UnknownName."""
        return self.settings[known(name).name].value

    def with_values(
        self, values: Mapping[str, Given], origin: Origin = "user-set", source: str = "", as_of: str = ""
    ) -> "Assumptions":
        """A copy in which ``values`` replace what stood there. Raises InputError, naming the range."""
        changed = {
            name: replace(_setting(known(name), given, origin), source=source, as_of=as_of)
            for name, given in values.items()
        }
        return Assumptions({**self.settings, **changed})

    def at(self, name: str, value: float) -> "Assumptions":
        """A copy with one input at another value and its present spread moved along: for scans. Not range-checked."""
        entry, setting = known(name), self.settings[known(name).name]
        moved = replace(setting, value=value, spread=_moved(entry, setting.spread, setting.value, value))
        return Assumptions({**self.settings, name: moved})

    def changed(self) -> dict[str, Setting]:
        """The inputs that are not defaults: what a reader should look at first."""
        return {name: setting for name, setting in self.settings.items() if setting.origin != "default"}


def defaults() -> Assumptions:
    """Every input at its registered default."""
    return Assumptions(
        {entry.name: Setting(entry.default, entry.spread, "default", entry.source, REGISTERED_ON) for entry in REGISTRY}
    )


def known(name: str) -> Assumption:
    """The registered input of that name. Raises UnknownName, which lists them."""
    if name not in BY_NAME:
        raise UnknownName("assumption", name, BY_NAME)
    return BY_NAME[name]


def _setting(entry: Assumption, given: Given, origin: Origin) -> Setting:
    numbers = [_number(entry, part) for part in _parts(given)]
    if len(numbers) == 1:
        return Setting(numbers[0], _moved(entry, entry.spread, entry.default, numbers[0]), origin)
    if len(numbers) != 3 or not numbers[0] <= numbers[1] <= numbers[2]:
        raise InputError(f"{entry.name} takes VALUE or LOW:VALUE:HIGH with LOW <= VALUE <= HIGH, not {given!r}")
    low, value, high = numbers
    return Setting(value, _stated(entry, low, value, high), origin)


def _parts(given: Given) -> list[object]:
    if isinstance(given, str):
        return list(given.split(":"))
    return list(given) if isinstance(given, tuple | list) else [given]


def _number(entry: Assumption, given: object) -> float:
    """A finite number inside the range, or an error that says the unit and the range."""
    wanted = f"{entry.name} takes a number from {entry.minimum:g} to {entry.maximum:g} [{entry.unit}]"
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise InputError(f"{wanted}, not {given!r}")
    try:
        number = float(given)
    except ValueError:
        raise InputError(f"{wanted}, not {given!r}") from None
    if not entry.minimum <= number <= entry.maximum:  # false for NaN too
        raise InputError(f"{wanted}; {given} is outside")
    return number


def _moved(entry: Assumption, spread: Spread, at: float, value: float) -> Spread:
    """A spread around ``at`` moved to another value: in proportion, or of the same width where signs mix."""
    if not isinstance(spread, Pert):
        return spread
    low, high = spread.low, spread.high
    if entry.minimum >= 0 and at > 0:
        low, high = (end * value / at for end in (low, high))
    else:
        low, high = (end + value - at for end in (low, high))
    return Pert(max(low, entry.minimum), min(high, entry.maximum))


def _stated(entry: Assumption, low: float, value: float, high: float) -> Spread:
    """A spread that a person states: PERT ends, or 5 and 95 % of a lognormal."""
    if low == high:
        return Fixed()
    if isinstance(entry.spread, Fixed):
        raise InputError(f"{entry.name} is not varied by the simulation: give one value, not a range")
    if isinstance(entry.spread, Lognormal) and low > 0:
        return Lognormal(math.log(high / low) / (2 * Z95), math.sqrt(low * high) / value)
    return Pert(low, high)

"""Why a student brought another sum than foretold: volume, price, coverage, quality and the rest, adding up exactly.

Each part is the change of the sum when that factor moves from what was foretold to what came, averaged over all orders
in which the factors could move (Shapley 1953): the parts sum to the miss, and no order is preferred.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, fields, replace
from itertools import combinations
from math import factorial


@dataclass(frozen=True)
class Volume:
    """How much was asked."""

    calls: float


@dataclass(frozen=True)
class Price:
    """What a call costs on the cheapest API configuration that passes [USD]."""

    call_usd: float


@dataclass(frozen=True)
class Coverage:
    """Who answers."""

    served_share: float
    handed_back_cost_ratio: float  # cost of a handed-back call against the average one


@dataclass(frozen=True)
class Quality:
    """What is lost by answers that are worse than the teacher's."""

    extra_errors: float  # a served answer


@dataclass(frozen=True)
class Other:
    """Everything else."""

    audit_share: float  # cost of auditing a served answer, against the call
    error_usd: float  # what one extra error costs
    fixed_usd: float  # machines, operations, training, teacher, engineering


@dataclass(frozen=True)
class Period:
    """One stretch of service, as foretold or as it came."""

    volume: Volume
    price: Price
    coverage: Coverage
    quality: Quality
    other: Other

    @property
    def net_usd(self) -> float:
        """V P (1 - (1 - c) k - c a) - V c e u - F [USD]."""
        spend, served = self.volume.calls * self.price.call_usd, self.coverage.served_share
        handed_back = (1 - served) * self.coverage.handed_back_cost_ratio
        errors_usd = self.volume.calls * served * self.quality.extra_errors * self.other.error_usd
        return spend * (1 - handed_back - served * self.other.audit_share) - errors_usd - self.other.fixed_usd


FACTORS = tuple(field.name for field in fields(Period))


def explain(foretold: Period, came: Period) -> dict[str, float]:
    """The miss, came - foretold, by factor [USD]; the parts sum to it."""

    def net_usd(moved: Collection[str]) -> float:
        return replace(foretold, **{name: getattr(came, name) for name in moved}).net_usd

    return shapley(FACTORS, net_usd)


def shapley(names: Sequence[str], value: Callable[[Collection[str]], float]) -> dict[str, float]:
    """Each name's mean contribution over all orders; the sum is value(all) - value(none).

    >>> shapley(["a", "b"], lambda moved: (3 if "a" in moved else 1) * (5 if "b" in moved else 2))
    {'a': 7.0, 'b': 6.0}
    """
    count = len(names)
    parts = {}
    for name in names:
        others = [one for one in names if one != name]
        parts[name] = sum(
            factorial(size) * factorial(count - size - 1) / factorial(count) * (value((*some, name)) - value(some))
            for size in range(count)
            for some in combinations(others, size)
        )
    return parts

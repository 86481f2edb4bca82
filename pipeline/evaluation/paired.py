"""Two answerers on the same rows: how far apart they are, with intervals that know that the rows are shared.

Counts may be fractions: rows that repeat each other count as the fewer independent ones that they are worth.
"""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

from analytics.contracts import Interval

EVEN = 1e-12


class Pairs(NamedTuple):
    """How often each answerer was right on shared rows."""

    both: float
    only_first: float
    only_second: float
    neither: float

    @property
    def n(self) -> float:
        """Rows."""
        return sum(self)

    @property
    def difference(self) -> float:
        """Share that the first got right minus that of the second."""
        return (self.only_first - self.only_second) / self.n

    def worth(self, rows: float) -> "Pairs":
        """The same shares, of so many independent rows."""
        return Pairs(*(count * rows / self.n for count in self))


def pairs(first: Sequence[bool], second: Sequence[bool]) -> Pairs:
    """Count two answerers' right answers on the same rows."""
    found = list(zip(first, second, strict=True))
    kinds = ((True, True), (True, False), (False, True), (False, False))
    return Pairs(*(float(sum(one == kind for one in found)) for kind in kinds))


def newcombe_paired(counts: Pairs, z: float = 1.959963984540054) -> Interval | None:
    """Interval of a paired difference of shares (Newcombe 1998, method 10); None without rows.

    Squares and adds the Wilson limits of the two shares, less what their correlation phi (with its continuity
    correction) explains.
    """
    n = counts.n
    if not n:
        return None
    one, other = (counts.both + counts.only_first) / n, (counts.both + counts.only_second) / n
    (low1, high1), (low2, high2) = _wilson(one, n, z), _wilson(other, n, z)
    phi = _phi(counts)

    def reach(mine: float, theirs: float) -> float:
        return math.sqrt(max(0.0, mine**2 - 2 * phi * mine * theirs + theirs**2))

    value = counts.difference
    below, above = reach(one - low1, high2 - other), reach(high1 - one, other - low2)
    return Interval(value, value - below, value + above, _covers(z, "Newcombe, paired"), round(n))


def _phi(counts: Pairs) -> float:
    a, b, c, d = counts
    product = (a + b) * (c + d) * (a + c) * (b + d)
    if product <= 0:
        return 0.0
    cross = a * d - b * c
    return (max(0.0, cross - counts.n / 2) if cross > 0 else cross) / math.sqrt(product)


def _wilson(share: float, n: float, z: float) -> tuple[float, float]:
    centre, spread = share + z * z / (2 * n), z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return (centre - spread) / (1 + z * z / n), (centre + spread) / (1 + z * z / n)


def tango_z(counts: Pairs, difference: float) -> float:
    """Score statistic of a paired difference of shares against a stated one (Tango 1998).

    z = (b - c - n D) / sqrt(n (2 q + D (1 - D))), b and c the rows on which one alone is right and q the likeliest
    chance of c under the difference D. Large: the true difference is above D.
    """
    n, b, c = counts.n, counts.only_first, counts.only_second
    linear = -b - c + (2 * n - b + c) * difference
    constant = -c * difference * (1 - difference)
    q = (math.sqrt(max(0.0, linear * linear - 8 * n * constant)) - linear) / (4 * n)
    variance = n * (2 * q + difference * (1 - difference))
    distance = b - c - n * difference
    if variance <= EVEN:
        return 0.0 if abs(distance) <= EVEN else math.copysign(math.inf, distance)
    return distance / math.sqrt(variance)


def tango(counts: Pairs, z: float = 1.959963984540054) -> Interval | None:
    """Interval of a paired difference of shares: all that the score statistic does not reject; None without rows."""
    if not counts.n:
        return None
    value = counts.difference
    low = _edge(-1.0, value, lambda at: tango_z(counts, at) > z)
    high = _edge(1.0, value, lambda at: tango_z(counts, at) < -z)
    return Interval(value, low, high, _covers(z, "Tango score, paired"), round(counts.n))


def _edge(limit: float, kept: float, rejects: Callable[[float], bool]) -> float:
    """Bisect between the limit of all differences and one that is not rejected."""
    rejected = limit * (1 - EVEN)
    if not rejects(rejected):
        return limit
    for _ in range(60):
        middle = (rejected + kept) / 2
        rejected, kept = (middle, kept) if rejects(middle) else (rejected, middle)
    return kept


def normal_point(level: float) -> float:
    """The standard normal value exceeded with chance ``level``."""
    from scipy.stats import norm

    return float(norm.isf(level))


def rows_to_show(discordant: float, margin: float, difference: float, level: float, power: float = 0.8) -> int | None:
    """Independent rows that show a difference to be above -margin, with chance ``power``; None where none would.

    n = (z_level + z_power)^2 (psi - D^2) / (margin + D)^2, psi the share of rows on which one alone is right.
    """
    if margin + difference <= 0:
        return None
    reach = normal_point(level) + normal_point(1 - power)
    return math.ceil(reach**2 * max(discordant - difference**2, 0.0) / (margin + difference) ** 2)


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """p-values after Holm's step-down correction (Holm 1979) over those that are known.

    The chance that any true hypothesis is rejected stays at the level, whatever their dependence.
    """
    known = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    found: list[float | None] = [None] * len(p_values)
    highest = 0.0
    for rank, (p, place) in enumerate(known):
        highest = max(highest, min(1.0, (len(known) - rank) * p))
        found[place] = highest
    return found


def effective_rows(groups: Sequence[int]) -> float:
    """Independent rows that rows in groups are worth, if a group's rows stand or fall together (Kish 1965).

    n^2 / sum of squared group sizes; n where no two rows share a group.
    """
    sizes = Counter(groups).values()
    return sum(sizes) ** 2 / sum(size * size for size in sizes) if sizes else 0.0


def _covers(z: float, what: str) -> str:
    from scipy.stats import norm

    return f"{100 * (1 - 2 * float(norm.sf(z))):.4g}% {what}"

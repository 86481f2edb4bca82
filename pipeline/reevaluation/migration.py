"""What it pays to put another student in the place of one that serves. Pure formulas.

The monthly cost of a student beyond its machines, as in ``analytics.costs``: what it hands back, what audits ask the
teacher, and what its errors cost. A month's bill without any student is S.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.contracts import Interval

Z95 = 1.959963984540054
MONTHS = 24


@dataclass(frozen=True)
class Terms:
    """What the organisation pays, from the task's assumptions."""

    spend_usd: float  # S*, a month, on the cheapest API configuration
    handed_back_ratio: float  # cost of a handed-back call against the average
    audit_ratio: float  # audited share of served calls times (1 + cost of judging one)
    error_cost_calls: float
    monthly_growth: float
    yearly_price_decline: float
    yearly_discount: float


@dataclass(frozen=True)
class Migration:
    """A move from one student to another."""

    one_off_usd: float
    monthly_gain_usd: Interval  # first month; the range is that of the rows compared
    npv_24m_usd: Interval  # after the one-off cost; the same range, carried through
    break_even_months: float | None  # None: never, the gain is not above zero
    break_even_spend_usd: float | None  # S* a month from which the move is paid back within 12 months


def surest(confidence: NDArray[np.float64], wrong: NDArray[np.bool_], alpha: float) -> NDArray[np.bool_]:
    """The most answers, the surest first, of which at most a share alpha is wrong: coverage at a risk (El-Yaniv 2010).

    Equal confidences stand or fall together, as they do at a threshold.
    """
    order = np.argsort(-confidence, kind="stable")
    risk = np.cumsum(wrong[order]) / np.arange(1, len(order) + 1)
    sorted_, last = confidence[order], len(order) - 1
    cuts = [place for place in range(len(order)) if place == last or sorted_[place] > sorted_[place + 1]]
    good = [place for place in cuts if risk[place] <= alpha]
    flags = np.zeros(len(order), dtype=np.bool_)
    flags[order[: max(good) + 1 if good else 0]] = True
    return flags


def costs_per_row(served: NDArray[np.bool_], wrong: NDArray[np.bool_], terms: Terms) -> NDArray[np.float64]:
    """Cost of each call in calls of the teacher: (1 - served) k + served s (1 + j) + served wrong c.

    1 for every call where that is no less than asking the teacher at once: such a student is not put to work.
    """
    price = np.where(served, terms.audit_ratio, terms.handed_back_ratio)
    cost: NDArray[np.float64] = price + served * wrong * terms.error_cost_calls
    return cost if len(cost) and cost.mean() < 1 else np.ones(len(served))


def gain_per_month(saved_calls: NDArray[np.float64], groups: NDArray[np.int64], spend_usd: float) -> Interval | None:
    """USD saved in the first month, from what each compared call saves [calls of the teacher].

    95 % normal interval of the mean, its error from sums by group of near-duplicates (clustered, Liang-Zeger);
    None with fewer than two groups.
    """
    n, mean = len(saved_calls), float(saved_calls.mean()) if len(saved_calls) else 0.0
    _, place = np.unique(groups, return_inverse=True)
    clusters = int(place.max()) + 1 if n else 0
    if clusters < 2:
        return None
    sums = np.bincount(place, saved_calls - mean)
    error = float(np.sqrt((sums**2).sum() * clusters / (clusters - 1))) / n
    low, high = mean - Z95 * error, mean + Z95 * error
    return Interval(spend_usd * mean, spend_usd * low, spend_usd * high, "95% normal, clustered by near-duplicates", n)


def present_months(terms: Terms, months: int = MONTHS) -> float:
    """Sum of discounted months, each as heavy as its bill: (1+g)^(t-1) (1-d)^((t-1)/12) / (1+i)^t.

    >>> round(present_months(Terms(1, 1, 0, 0, 0.0, 0.0, 0.0)), 6)
    24.0
    """
    return float(sum(bill_after(t - 1, terms) / (1 + terms.yearly_discount) ** (t / 12) for t in range(1, months + 1)))


def bill_after(months: int, terms: Terms) -> float:
    """The bill after so many months, against the first month's: volume grows, prices fall."""
    return float((1 + terms.monthly_growth) ** months * (1 - terms.yearly_price_decline) ** (months / 12))


def migration(gain: Interval, one_off_usd: float, terms: Terms) -> Migration:
    """Worth, payback and break-even spend of a move that gains so much in its first month."""
    weight = present_months(terms)
    value, low, high = (weight * one - one_off_usd for one in (gain.value, gain.low, gain.high))
    share = gain.value / terms.spend_usd if terms.spend_usd else 0.0
    year = present_months(terms, 12)
    return Migration(
        one_off_usd=one_off_usd,
        monthly_gain_usd=gain,
        npv_24m_usd=Interval(value, low, high, gain.covers, gain.n),
        break_even_months=paid_back(gain.value, one_off_usd, terms),
        break_even_spend_usd=one_off_usd / (share * year) if share > 0 else None,
    )


def paid_back(gain_usd: float, one_off_usd: float, terms: Terms) -> float | None:
    """Months until the undiscounted gains sum to the one-off cost, linear within a month; None within ten years.

    >>> paid_back(100.0, 250.0, Terms(1, 1, 0, 0, 0.0, 0.0, 0.0))
    2.5
    """
    left = one_off_usd
    for month in range(120):
        saved_usd: float = gain_usd * bill_after(month, terms)
        if saved_usd <= 0:
            return None
        if saved_usd >= left:
            return month + left / saved_usd
        left -= saved_usd
    return None

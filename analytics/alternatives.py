"""What else would lower the bill, priced the same way as a student.

Shares compose on what the lever before left over; adding them would book the same dollar twice. A lever that does not
change answers counts as soon as its share is known; one that does counts only when somebody has tested it.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.costs import HORIZON_MONTHS, api_usd, months_of
from analytics.inputs import Array, Inputs

BATCH_DISCOUNT = 0.5


@dataclass(frozen=True)
class Alternative:
    """One way to pay less without a student."""

    name: str
    saved_share: float  # sigma: share of the bill that it removes
    one_off_usd: float
    fixed_usd_per_month: float = 0.0
    delay_months: float = 0.0  # before it starts to save, ramping over the next month
    error_delta: float = 0.0  # extra errors a call
    is_measured: bool = False  # its share is known and its answers pass the quality gate, so it may decide
    saves_calls: bool = False  # it answers calls itself; the others make calls cheaper
    is_model: bool = False  # another model answers: of these only one can be chosen
    basis: str = "price alone, quality untested"


@dataclass(frozen=True)
class PricedAlternative:
    """An alternative with what it would pay."""

    alternative: Alternative
    npv_24m_usd: float
    monthly_saving_usd: float  # this month's bill, once in place


DO_NOTHING = Alternative("do nothing", 0.0, 0.0, is_measured=True, basis="the bill as it is, prices falling")


def exact_cache(saved_share: float, *, is_measured: bool) -> Alternative:
    """Answer an identical request from the last answer; one engineer-week and a small store."""
    return Alternative("exact cache", saved_share, 5_000, 50, 0.5, is_measured=is_measured, saves_calls=True)


def prompt_cache(saved_share: float, *, is_measured: bool) -> Alternative:
    """The provider's cache of shared prompt prefixes: order the prompt, half an engineer-week."""
    return Alternative("prompt cache", saved_share, 2_500, 0, 0.5, is_measured=is_measured)


def batch(batchable_share: float, *, is_measured: bool) -> Alternative:
    """Send what can wait through the batch tier at half the price."""
    return Alternative("batch", batchable_share * BATCH_DISCOUNT, 5_000, 0, 0.5, is_measured=is_measured)


def smaller_model(price_ratio: float, error_delta: float = 0.002, *, is_measured: bool = False) -> Alternative:
    """The vendor's small model on the same calls; its quality must be tested before it decides."""
    return Alternative("smaller vendor model", 1 - price_ratio, 14_000, 0, 1, error_delta, is_measured, is_model=True)


def cascade(acceptance_share: float, price_ratio: float, *, is_measured: bool = False) -> Alternative:
    """Small vendor model first, the present one where it is unsure: 1 - (p'/p + escalation)."""
    return Alternative("cascade", acceptance_share - price_ratio, 19_000, 300, 1.5, 0.002, is_measured, is_model=True)


def prompt_cache_share(
    input_share: float, prefix_share: float, hit_share: float, read_ratio: float, write_ratio: float
) -> float:
    """Spend that prompt caching removes: in x prefix x (h (1-r) - (1-h) (w-1)).

    >>> round(prompt_cache_share(0.5, 0.6, 0.9, 0.1, 1.25), 4)
    0.2355
    """
    saved = hit_share * (1 - read_ratio) - (1 - hit_share) * (write_ratio - 1)
    return input_share * prefix_share * saved


def compose(saved_shares: Iterable[float]) -> float:
    """Saving of several levers together: one minus the product of what each leaves.

    >>> round(compose([0.5, 0.5]), 2)
    0.75
    """
    return 1 - math.prod(1 - share for share in saved_shares)


def npv_usd(alternative: Alternative, inputs: Inputs, months: int = HORIZON_MONTHS) -> NDArray[np.float64]:
    """-C + sum of DF_t (a_t (A_t sigma - errors x their cost x volume) - on_t F), a_t = clip(t - delay, 0, 1) [USD].

    The fixed cost runs in full from the first month of use, as a student's machines do.
    """
    monthly_rate = (1 + inputs.yearly_discount) ** (1 / 12)
    errors_per_usd = alternative.error_delta * inputs.error_cost_calls
    total: Array = np.full_like(api_usd(inputs, 1), -alternative.one_off_usd)
    for month in months_of(inputs, months):
        running = min(max(month.number - alternative.delay_months, 0.0), 1.0)
        fixed_usd = alternative.fixed_usd_per_month if running > 0 else 0.0
        saved = month.api_usd * alternative.saved_share - errors_per_usd * month.volume_usd
        total = total + (running * saved - fixed_usd) / monthly_rate**month.number
    return total


def priced(alternative: Alternative, inputs: Inputs) -> PricedAlternative:
    """One alternative at the values in use."""
    saving = float(inputs.monthly_spend_usd[0]) * alternative.saved_share - alternative.fixed_usd_per_month
    return PricedAlternative(alternative, float(npv_usd(alternative, inputs)[0]), saving)

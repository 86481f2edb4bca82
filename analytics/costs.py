"""What a task costs on the API and as a student, month by month; every formula is in ``docs/methods.md``.

All functions take and return arrays, so that one implementation serves one case, a scan and 200,000
draws. Estimates of the future are floats; what was paid is Decimal (see ``call_cost_usd``).
Months count from 1, the project's start; S is monthly spend, g growth, d the yearly price decline.
"""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.inputs import Array, Inputs
from analytics.serving import cheapest_bill, serving_usd_per_month

HORIZON_MONTHS = 24


def call_cost_usd(
    tokens: tuple[int, int, int, int, int, int],
    usd_per_token: tuple[Decimal, Decimal, Decimal, Decimal, Decimal, Decimal],
    multiplier: Decimal = Decimal(1),
) -> Decimal:
    """Exact cost of one call: disjoint token counts times their rates, times tier and region.

    Both tuples: in_uncached, in_cache_read, in_cache_write_5m, in_cache_write_1h, out_visible, out_reasoning.

    >>> rates = tuple(Decimal(text) / 1_000_000 for text in ("2", "0.2", "2.5", "4", "10", "10"))
    >>> call_cost_usd((1000, 500, 0, 0, 300, 0), rates)
    Decimal('0.0051000')
    """
    return sum((count * rate for count, rate in zip(tokens, usd_per_token, strict=True)), Decimal(0)) * multiplier


def one_off_usd(inputs: Inputs) -> Array:
    """C0: everything paid before the student serves [USD]."""
    work = inputs.engineer_weeks * inputs.engineer_week_usd
    data = inputs.teacher_generation_usd + inputs.gold_labels_usd
    return data + inputs.training_usd + inputs.evaluation_usd + work


def volume_usd(inputs: Inputs, month: int) -> Array:
    """Spend of a month at today's price: S (1+g)^(t-1) [USD / month]."""
    return inputs.monthly_spend_usd * (1 + inputs.monthly_growth) ** (month - 1)


def api_usd(inputs: Inputs, month: int) -> Array:
    """A_t: what the month costs on the API if nothing is done [USD / month]."""
    return volume_usd(inputs, month) * (1 - inputs.yearly_price_decline) ** ((month - 1) / 12)


class Month(NamedTuple):
    """What one month brings if nothing is done."""

    number: int  # from 1
    volume_usd: Array  # at today's price
    api_usd: Array  # at the price of that month


def months_of(inputs: Inputs, months: int = HORIZON_MONTHS) -> Iterator[Month]:
    """Month by month, by running products: powers of 200,000 draws take most of a simulation's time."""
    volume, bill = inputs.monthly_spend_usd, inputs.monthly_spend_usd
    growth = 1 + inputs.monthly_growth
    both = growth * (1 - inputs.yearly_price_decline) ** (1 / 12)
    for number in range(1, months + 1):
        yield Month(number, volume, bill)
        volume, bill = volume * growth, bill * both


def ramp(inputs: Inputs, month: int) -> Array:
    """a_t: share of the month that the student serves; half a month passes in switching over."""
    return np.clip(month - inputs.build_months - 0.5, 0, 1)


def kept_share(inputs: Inputs) -> Array:
    """w: share of the API bill that a served month saves, after fallback and audits; 0.8565 at defaults."""
    served = 1 - inputs.fallback_share
    audits = inputs.shadow_share * served * (1 + inputs.judge_cost_share)
    return 1 - inputs.fallback_share * inputs.fallback_cost_ratio - audits


def serving_usd(inputs: Inputs, month: int) -> Array:
    """The cheapest way to serve the month's calls [USD / month]."""
    return serving_usd_per_month(inputs, served_calls(inputs, month), ramp(inputs, month))


def served_calls(inputs: Inputs, month: int) -> Array:
    """Calls that the student serves in a month of full service."""
    return volume_usd(inputs, month) / inputs.call_cost_usd * (1 - inputs.fallback_share)


def saved_usd(inputs: Inputs, month: int) -> Array:
    """What the API bill falls by [USD / month]: a_t w A_t, or less where a commitment must be paid all the same.

    max(A, C) - max(A (1 - a w), C): until it expires, a reservation of C a month is a cost that no saving touches.
    """
    return _saved_usd(inputs, Month(month, volume_usd(inputs, month), api_usd(inputs, month)), kept_share(inputs))


def net_usd(inputs: Inputs, month: int) -> Array:
    """net_t: what the month saves against doing nothing [USD / month]; negative when it costs.

    a_t A_t w - on_t (serving + ops + m C0 / T) - a_t (1-f) errors x their cost x S (1+g)^(t-1), and less of the first
    term under a commitment
    """
    return _net_usd(inputs, Month(month, volume_usd(inputs, month), api_usd(inputs, month)), _standing(inputs))


class _Standing(NamedTuple):
    """What is the same in every month."""

    kept_share: Array
    served_calls_per_usd: Array  # of volume
    errors_per_usd: Array  # cost of extra errors of a served month, of volume
    running_usd: Array  # operations and upkeep
    serve: Callable[[Array, Array], Array]  # bill of the cheapest way [USD / month] of calls and share of the month


def _standing(inputs: Inputs) -> _Standing:
    upkeep = inputs.retrain_cost_share * one_off_usd(inputs) / inputs.retrain_every_months
    served = 1 - inputs.fallback_share
    return _Standing(
        kept_share=kept_share(inputs),
        served_calls_per_usd=served / inputs.call_cost_usd,
        errors_per_usd=served * inputs.error_delta * inputs.error_cost_calls,
        running_usd=inputs.ops_usd_per_month + upkeep,
        serve=cheapest_bill(inputs),
    )


def _net_usd(inputs: Inputs, month: Month, standing: _Standing) -> Array:
    share = ramp(inputs, month.number)
    if not share.any():  # nothing serves yet, so nothing is saved and nothing but C0 is paid
        return np.zeros(1)
    rent = standing.serve(month.volume_usd * standing.served_calls_per_usd, share)
    saved = _saved_usd(inputs, month, standing.kept_share)
    return saved - share * (standing.errors_per_usd * month.volume_usd) - (share > 0) * (rent + standing.running_usd)


def _saved_usd(inputs: Inputs, month: Month, kept: Array) -> Array:
    saved = month.api_usd * (ramp(inputs, month.number) * kept)
    if not (month.number <= inputs.committed_months).any():
        return saved
    committed = np.where(month.number <= inputs.committed_months, inputs.committed_usd_per_month, 0.0)
    return np.asarray(np.maximum(month.api_usd, committed) - np.maximum(month.api_usd - saved, committed))


class Paths(NamedTuple):
    """One row a month, starting with month 0: what has been saved up to its end [USD]."""

    cumulative_usd: NDArray[np.float64]
    npv_usd: NDArray[np.float64]


def paths(inputs: Inputs, months: int = HORIZON_MONTHS) -> Paths:
    """Savings added up, and the same discounted at the end of each month; month 0 pays C0."""
    standing = _standing(inputs)
    nets = [_net_usd(inputs, month, standing) for month in months_of(inputs, months)]
    flows = np.stack(np.broadcast_arrays(-one_off_usd(inputs), *nets))
    factors = (1 + inputs.yearly_discount) ** (-np.arange(months + 1)[:, None] / 12)
    return Paths(np.cumsum(flows, axis=0), np.cumsum(flows * factors, axis=0))


def cumulative_usd(inputs: Inputs, months: int = 12) -> Array:
    """Savings less costs up to the end of a month, undiscounted [USD]."""
    return np.asarray(paths(inputs, months).cumulative_usd[-1])


def npv_usd(inputs: Inputs, months: int = HORIZON_MONTHS) -> Array:
    """Present value of the project over a horizon [USD]."""
    return np.asarray(paths(inputs, months).npv_usd[-1])


def payback_months(cumulative: NDArray[np.float64]) -> float | None:
    """When the savings first cover what was paid: linear within the month; None when they never do.

    cumulative: one case, months 0, 1, 2, ... [USD]
    """
    paid = np.flatnonzero(cumulative >= 0)
    if not len(paid):
        return None
    month = int(paid[0])
    if month == 0:
        return 0.0
    before, after = float(cumulative[month - 1]), float(cumulative[month])
    return month - 1 + before / (before - after)


def retire_month(inputs: Inputs, months: int = 60) -> int | None:
    """First month in which a serving student costs more than it saves: falling prices end every project."""
    for month in range(1, months + 1):
        if float(ramp(inputs, month)[0]) >= 1 and float(net_usd(inputs, month)[0]) < 0:
            return month
    return None


def irr_yearly(cumulative: NDArray[np.float64]) -> float | None:
    """Yearly rate at which the present value is zero; None when the project never gains.

    Explodes on small outlays, so it is not shown to leaders.
    """
    from scipy.optimize import brentq

    flows = np.diff(cumulative, prepend=0.0)
    months = np.arange(len(flows))

    def value(monthly_rate: float) -> float:
        return float(np.sum(flows / (1 + monthly_rate) ** months))

    grid = np.concatenate([[0.0], np.geomspace(1e-4, 10, 400)])
    values = np.array([value(rate) for rate in grid])
    falls = np.flatnonzero((values[:-1] > 0) & (values[1:] <= 0))
    if not len(falls):
        return None
    monthly = brentq(value, grid[falls[0]], grid[falls[0] + 1], xtol=1e-15)
    return float((1 + monthly) ** 12 - 1)


def training_hours(
    parameters: float, tokens: float, *, is_lora: bool, flops: float = 989e12, mfu: float = 0.35
) -> float:
    """GPU hours of one training run: c N D / (peak x utilisation); c is 4 for LoRA, 6 for all weights.

    LoRA skips the weight gradients. ``flops`` defaults to one H100 in BF16.

    >>> round(training_hours(8.03e9, 1.62e8, is_lora=True), 4), round(training_hours(8.03e9, 1.62e8, is_lora=False), 4)
    (4.1756, 6.2635)
    """
    return (4 if is_lora else 6) * parameters * tokens / (flops * mfu) / 3600

"""Is it better to start later? Falling prices and growing volume both change what a project is worth.

Starting now, the decision rests on what is known now. Starting later, growth and price have shown themselves by then
and one may still say no: E max(0, E[NPV of starting then | growth, price]), discounted to now. Both are followed to
the same month, 24 after the later start; else growing volume would always speak for starting later.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analytics.costs import HORIZON_MONTHS, one_off_usd, paths
from analytics.information import surface_mean
from analytics.inputs import Array, Inputs
from analytics.simulate import Sample, npv_or_loss_usd

DELAYS_MONTHS = (3, 6, 12)


@dataclass(frozen=True)
class Waiting:
    """The best of the delays looked at, against starting now [USD of today]."""

    months: int
    worth_usd: float  # of the choice that one will have then
    now_usd: float  # of choosing now, to the same end: max(0, E NPV)

    @property
    def gain_usd(self) -> float:
        """What waiting adds."""
        return self.worth_usd - self.now_usd


def best_delay(sample: Sample, delays_months: Sequence[int] = DELAYS_MONTHS) -> Waiting:
    """The delay that gains most, even where starting now is worth more."""
    now = _now_usd(sample, delays_months)
    found = [Waiting(months, _worth_usd(sample, months), now[months]) for months in delays_months]
    return max(found, key=lambda waiting: waiting.gain_usd)


def delayed(inputs: Inputs, months: int) -> Inputs:
    """The same project started later: more calls, cheaper ones, and a training set at that day's price."""
    volume = (1 + inputs.monthly_growth) ** months
    price = (1 - inputs.yearly_price_decline) ** (months / 12)
    cheaper = price_cut(inputs, price)
    return replace(cheaper, monthly_spend_usd=cheaper.monthly_spend_usd * volume)


def price_cut(inputs: Inputs, left: Array) -> Inputs:
    """The same project with the API at this share of its price; an error costs what it costs, whatever a call does."""
    return replace(
        inputs,
        monthly_spend_usd=inputs.monthly_spend_usd * left,
        call_cost_usd=inputs.call_cost_usd * left,
        error_cost_calls=inputs.error_cost_calls / left,
        teacher_generation_usd=inputs.teacher_generation_usd * left,
    )


def _now_usd(sample: Sample, delays_months: Sequence[int]) -> dict[int, float]:
    """Of starting now, run to the month in which each delayed start would end."""
    inputs = sample.inputs
    lost = -inputs.failure_loss_share * one_off_usd(inputs)
    value = paths(inputs, HORIZON_MONTHS + max(delays_months)).npv_usd
    return {
        months: max(0.0, float(np.where(sample.failed, lost, value[HORIZON_MONTHS + months]).mean()))
        for months in delays_months
    }


def _worth_usd(sample: Sample, months: int) -> float:
    inputs = sample.inputs
    later: Array = npv_or_loss_usd(delayed(inputs, months), sample.failed)
    seen = [np.broadcast_to(values, later.shape) for values in (inputs.monthly_growth, inputs.yearly_price_decline)]
    foretold = surface_mean(np.column_stack(seen), later)
    discount = float(np.mean(1 + inputs.yearly_discount)) ** (-months / 12)
    return float(discount * np.maximum(foretold, 0).mean())


def hurdle(
    value_drift: float, outlay_drift: float, volatility: float, yearly_discount: float = 0.12
) -> tuple[float, float]:
    """beta, and the ratio V / I of a project's value to its outlay from which investing now beats waiting.

    V and I drift at these yearly rates and V / I has this yearly volatility; with delta = discount - drift,
    beta = 1/2 - x + sqrt((x - 1/2)^2 + 2 delta_I / sigma^2), x = (delta_I - delta_V) / sigma^2,
    hurdle = beta / (beta - 1) (McDonald and Siegel 1986). Infinite where beta is at most 1: waiting never ends.

    >>> [round(number, 7) for number in hurdle(-0.30, 0.0, 0.4)]
    [5.0471948, 1.2470847]
    >>> round(hurdle(-0.30, -0.25, 0.4)[1], 7), round(hurdle(0.0, 0.0, 0.4)[1], 7)
    (1.4736089, 2.2152504)
    """
    variance = volatility**2
    outlay_gap, value_gap = yearly_discount - outlay_drift, yearly_discount - value_drift
    x = (outlay_gap - value_gap) / variance
    beta = 0.5 - x + math.sqrt((x - 0.5) ** 2 + 2 * outlay_gap / variance)
    return beta, beta / (beta - 1) if beta > 1 else math.inf

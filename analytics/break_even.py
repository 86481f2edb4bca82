"""The monthly spend at which a project pays, found by scanning: value is not monotone in spend.

Machines come in whole numbers, so value drops where one more is needed. Between two such steps value
is a straight line in spend, so each piece is solved exactly; a bisection could return a wrong root.
"""

from typing import NamedTuple

import numpy as np

from analytics.costs import (
    HORIZON_MONTHS,
    api_usd,
    cumulative_usd,
    kept_share,
    npv_usd,
    one_off_usd,
    ramp,
    served_calls,
    volume_usd,
)
from analytics.inputs import Array, Inputs
from analytics.serving import SECONDS_PER_MONTH, machines_known

HIGHEST_SPEND_USD = 1e6
MOST_STEPS = 20_000
HOSTED_STEPS = 4_000


class BreakEven(NamedTuple):
    """Spends at which value turns from negative to positive [USD / month]; None when it never does."""

    first_usd: float | None
    safe_usd: float | None  # last such spend: above it no added machine undoes the gain


def break_even(inputs: Inputs, months: int = 12, *, discounted: bool = False) -> BreakEven:
    """First and last spend at which the project breaks even within a horizon."""
    edges = _edges(inputs, months)
    width = np.diff(edges)
    near, far = edges[:-1] + width / 3, edges[:-1] + width * 2 / 3
    value = npv_usd if discounted else cumulative_usd
    both = value(inputs.but("monthly_spend_usd", np.concatenate([near, far])), months)
    roots = _up_crossings(edges, near, far, both[: len(near)], both[len(near) :])
    if not len(roots):
        return BreakEven(None, None)
    return BreakEven(float(roots[0]), float(roots[-1]))


def _edges(inputs: Inputs, months: int) -> Array:
    """Spends at which some month needs one more machine of some kind, in order, from 0."""
    one = inputs.but("monthly_spend_usd", np.array([1.0]))
    steps = [np.array([0.0])]
    highest = HIGHEST_SPEND_USD
    for month in range(1, months + 1):
        per_usd = float((served_calls(one, month) * one.peak_to_mean)[0]) / SECONDS_PER_MONTH
        for option in machines_known(inputs):
            usable = float((option.capacity_rps * inputs.target_utilisation)[0])
            if usable > 0 and per_usd > 0:
                step = usable / per_usd
                highest = min(highest, step * MOST_STEPS / months)
                steps.append(step * np.arange(1, MOST_STEPS / months + 1))
    if inputs.hosted_usd_per_million[0] > 0:  # cost bends where a host becomes dearer than machines
        steps.append(np.geomspace(highest / 1e6, highest, HOSTED_STEPS))
    edges = np.append(np.unique(np.concatenate(steps)), highest)
    edges = edges[edges <= highest]
    return edges[np.diff(edges, prepend=-1.0) > 1e-9 * highest]  # the same step seen in two months


def _up_crossings(edges: Array, near: Array, far: Array, near_value: Array, far_value: Array) -> Array:
    """Roots of the rising pieces; a falling piece cannot turn a loss into a gain."""
    slope = (far_value - near_value) / (far - near)
    rising = slope > 0
    roots = near[rising] - near_value[rising] / slope[rising]
    inside = (roots > edges[:-1][rising]) & (roots <= edges[1:][rising])
    return roots[inside]


def closed_form_usd(inputs: Inputs, monthly_fixed_usd: float, months: int, *, discounted: bool = False) -> float:
    """Break-even while the fleet does not change: (C0 + F sum on_t) / sum of what a dollar of spend saves.

    monthly_fixed_usd: F, rent + operations + upkeep [USD / month]. The check on the scan.
    """
    rate = 1 + float(inputs.yearly_discount[0]) if discounted else 1.0
    factors = [rate ** (-month / 12) for month in range(1, months + 1)]
    running = sum(factor for month, factor in enumerate(factors, 1) if ramp(inputs, month)[0] > 0)
    saved = sum(factor * _saved_per_usd(inputs, month) for month, factor in enumerate(factors, 1))
    return float((one_off_usd(inputs)[0] + monthly_fixed_usd * running) / saved)


def _saved_per_usd(inputs: Inputs, month: int) -> float:
    one = inputs.but("monthly_spend_usd", np.array([1.0]))
    errors = (1 - one.fallback_share) * one.error_delta * one.error_cost_calls * volume_usd(one, month)
    return float((ramp(one, month) * (api_usd(one, month) * kept_share(one) - errors))[0])


def npv_break_even(inputs: Inputs) -> BreakEven:
    """Break-even of the present value over the usual horizon."""
    return break_even(inputs, HORIZON_MONTHS, discounted=True)

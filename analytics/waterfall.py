"""From today's bill to the bill after, over the first full year of a student: bars that add up exactly."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from analytics.costs import api_usd, kept_share, one_off_usd, saved_usd, serving_usd, volume_usd
from analytics.inputs import Array, Inputs

MONTHS = 12
LEAST_USD = 0.005  # a bar below half a cent is left out


class Bar(NamedTuple):
    """One step of the bill [USD of a year]: what it adds, negative where it saves."""

    name: str
    usd: float
    is_total: bool = False  # stands on zero


def waterfall(spend_usd: float, left: Inputs) -> list[Bar]:
    """Bars of one case. The last is the sum of those before it.

    spend_usd: a month's bill now. left: the student's case, on what the cheapest API configuration leaves.
    """
    months = range(first_full_month(left), first_full_month(left) + MONTHS)
    plain = left.but("monthly_spend_usd", np.array([spend_usd]))
    whole, bill = (_sum(api_usd(inputs, month) for month in months) for inputs in (plain, left))
    steps = [Bar("growth and prices", whole - MONTHS * spend_usd), Bar("cheaper configuration", bill - whole)]
    steps += _student(left, months, bill)
    shown = [bar for bar in steps if abs(bar.usd) >= LEAST_USD]
    today = Bar("the API bill today", MONTHS * spend_usd, is_total=True)
    return [today, *shown, Bar("after", sum(bar.usd for bar in (today, *shown)), is_total=True)]


def first_full_month(inputs: Inputs) -> int:
    """The first month that the student serves in full: half a month passes in switching over."""
    return int(np.ceil(inputs.build_months[0] + 1.5))


def _student(left: Inputs, months: Sequence[int], bill: float) -> list[Bar]:
    served = 1 - left.fallback_share
    handed_back = bill * float((left.fallback_share * left.fallback_cost_ratio)[0])
    audits = bill * float((left.shadow_share * served * (1 + left.judge_cost_share))[0])
    saved = _sum(saved_usd(left, month) for month in months)
    upkeep = left.ops_usd_per_month + left.retrain_cost_share * one_off_usd(left) / left.retrain_every_months
    errors = served * left.error_delta * left.error_cost_calls
    return [
        Bar("calls no longer sent", -bill),
        Bar("handed back", handed_back),
        Bar("committed all the same", bill * float(kept_share(left)[0]) - saved),
        Bar("serving", _sum(serving_usd(left, month) for month in months)),
        Bar("operations, retraining", MONTHS * float(upkeep[0])),
        Bar("audits", audits),
        Bar("extra errors", _sum(errors * volume_usd(left, month) for month in months)),
        Bar("one-off cost", float(one_off_usd(left)[0])),
    ]


def _sum(values: Iterable[Array]) -> float:
    return sum(float(value[0]) for value in values)

"""The cheapest API configuration that passes the quality gate: what a student has to beat.

S* is the spend that is left once every lever that pays and keeps quality is in place. Levers are taken in the order of
what they pay, each on what those before it left over.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from analytics.alternatives import Alternative, npv_usd
from analytics.assumptions import Assumptions, Pert, Setting
from analytics.inputs import Inputs, inputs_of


@dataclass(frozen=True)
class Configuration:
    """Which levers, and what they leave."""

    levers: tuple[str, ...]  # in the order in which they are put in place
    spend_usd: float  # S*: what a month costs with them [USD]
    saved_share: float  # of today's spend
    npv_24m_usd: float  # what they pay together


def cheapest(assumptions: Assumptions, alternatives: Sequence[Alternative]) -> Configuration:
    """Put in place whatever passes the gate and pays on what is left."""
    left, total = inputs_of(assumptions), 0.0
    chosen: list[Alternative] = []
    passing = [one for one in alternatives if one.is_measured and one.saved_share > 0]
    for lever in sorted(passing, key=lambda one: -float(npv_usd(one, left)[0])):
        worth = float(npv_usd(lever, left)[0])
        if worth > 0 and not (lever.is_model and any(one.is_model for one in chosen)):
            chosen.append(lever)
            total += worth
            left = after(left, lever)
    spend, before = float(left.monthly_spend_usd[0]), assumptions.value("monthly_spend_usd")
    saved = 1 - spend / before if before else 0.0
    return Configuration(tuple(one.name for one in chosen), spend, saved, total)


def with_levers(
    assumptions: Assumptions, configuration: Configuration, alternatives: Sequence[Alternative]
) -> Assumptions:
    """The student's case on what the configuration leaves; unchanged where it has no lever."""
    left = inputs_of(assumptions)
    for lever in alternatives:
        if lever.name in configuration.levers:
            left = after(left, lever)
    scaled = {
        name: _scaled(assumptions.settings[name], float(getattr(left, name)[0]))
        for name in ("monthly_spend_usd", "call_cost_usd")
    }
    return Assumptions({**assumptions.settings, **scaled})


def after(inputs: Inputs, lever: Alternative) -> Inputs:
    """What is left of the bill: fewer calls at the same price, or the same calls at a lower one."""
    kept = 1 - lever.saved_share
    spend = inputs.monthly_spend_usd * kept
    call = inputs.call_cost_usd if lever.saves_calls else inputs.call_cost_usd * kept
    return replace(inputs, monthly_spend_usd=spend, call_cost_usd=call)


def _scaled(setting: Setting, value: float) -> Setting:
    if not isinstance(setting.spread, Pert) or not setting.value:
        return replace(setting, value=value)
    ratio = value / setting.value
    return replace(setting, value=value, spread=Pert(setting.spread.low * ratio, setting.spread.high * ratio))

"""What the brief foretold for the days that a student has served, in the same terms as what came.

Months count from the project's start as in ``analytics/costs.py``; service begins build_months + 0.5 later, as there.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from analytics.assumptions import Assumptions, defaults
from analytics.costs import api_usd, one_off_usd, served_calls, volume_usd
from analytics.inputs import Inputs, inputs_of
from analytics.production.miss import Coverage, Other, Period, Price, Quality, Volume
from analytics.production.money import DAYS_PER_MONTH
from analytics.serving import serving_usd_per_month


class Case(NamedTuple):
    """What a stored decision took for granted."""

    student: Assumptions  # on what the cheapest API configuration leaves
    asked_call_usd: float  # what one call that is asked costs with it; of calls that a cache answers, nothing is paid


class Foretold(NamedTuple):
    """Of so many days of service."""

    period: Period
    cumulative_usd: tuple[float, ...]  # at the end of each day, what was paid once taken off


def case_of(decision: Mapping[str, Any]) -> Case:
    """The student's case of a stored decision."""
    case = defaults()
    for one in decision["assumptions"]:
        case = case.at(one["name"], one["value"])
    configuration = decision["economics"]["configuration"]
    asked = call_usd = case.value("call_cost_usd")
    for one in decision["alternatives"]:
        lever = one["alternative"]
        if lever["name"] in configuration["levers"] and not lever["saves_calls"]:
            call_usd *= 1 - lever["saved_share"]
    student = case.at("monthly_spend_usd", configuration["spend_usd"]).at("call_cost_usd", call_usd)
    return Case(student, asked * (1 - configuration["saved_share"]))


def foretold(case: Case, days: int) -> Foretold:
    """Sums over the first ``days`` of full service, and the cumulative cash of each."""
    inputs = inputs_of(case.student)
    start, once = float(inputs.build_months[0]) + 0.5, float(one_off_usd(inputs)[0])
    months = [int(start + day / DAYS_PER_MONTH) + 1 for day in range(days)]
    daily = {month: _day(inputs, month, case.asked_call_usd) for month in sorted(set(months))}
    total, cumulative = -once, list[float]()
    for month in months:
        total += daily[month].net_usd
        cumulative.append(total)
    return Foretold(_together([daily[month] for month in months], once), tuple(cumulative))


def _day(inputs: Inputs, month: int, asked_call_usd: float) -> Period:
    """One day of a month: a month's sums over 30.4."""
    upkeep = inputs.retrain_cost_share * one_off_usd(inputs) / inputs.retrain_every_months
    running = serving_usd_per_month(inputs, served_calls(inputs, month)) + inputs.ops_usd_per_month + upkeep
    bill, volume, fixed = (
        float(one[0]) / DAYS_PER_MONTH for one in (api_usd(inputs, month), volume_usd(inputs, month), running)
    )
    calls = volume / asked_call_usd if asked_call_usd else 0.0
    served, errors = 1 - float(inputs.fallback_share[0]), float(inputs.error_delta[0])
    audits = float((inputs.shadow_share * (1 + inputs.judge_cost_share))[0])
    error_usd = float(inputs.error_cost_calls[0]) * asked_call_usd
    return Period(
        Volume(calls),
        Price(bill / calls if calls else 0.0),
        Coverage(served, float(inputs.fallback_cost_ratio[0])),
        Quality(errors),
        Other(audits, error_usd, fixed),
    )


def _together(days: list[Period], once_usd: float) -> Period:
    """Days as one period: shares are the same on each, so the sums are kept."""
    calls = sum(day.volume.calls for day in days)
    bill = sum(day.volume.calls * day.price.call_usd for day in days)
    fixed = once_usd + sum(day.other.fixed_usd for day in days)
    like = days[0]
    other = Other(like.other.audit_share, like.other.error_usd, fixed)
    return Period(Volume(calls), Price(bill / calls if calls else 0.0), like.coverage, like.quality, other)

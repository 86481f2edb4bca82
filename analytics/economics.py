"""The figures of one case: what a student pays, and what knowing more or waiting would be worth."""

from dataclasses import dataclass

import numpy as np

from analytics.assumptions import Assumptions
from analytics.break_even import BreakEven, break_even, npv_break_even
from analytics.configuration import Configuration
from analytics.costs import irr_yearly, one_off_usd, paths, payback_months, retire_month, served_calls
from analytics.information import Information, value_of_information
from analytics.inputs import Inputs
from analytics.serving import Fleet, fleets
from analytics.simulate import Simulation, draw
from analytics.waiting import Waiting, best_delay


@dataclass(frozen=True)
class Economics:
    """The figures of one case. Deterministic where no percentile is named; USD unless the name says otherwise.

    All but the first two are those of a student on what the cheapest API configuration leaves.
    """

    monthly_spend_usd: float  # now
    configuration: Configuration  # the cheapest that passes the quality gate; its spend is S*
    one_off_usd: float
    cumulative_12m_usd: float
    npv_24m_usd: float
    payback_months: float | None
    break_even_spend_12m_usd: float | None  # first spend that breaks even
    break_even_spend_12m_safe_usd: float | None  # above it no added machine undoes the gain
    break_even_spend_24m_npv_usd: float | None
    irr_24m_yearly: float | None  # not for leaders: explodes on small outlays
    retire_month: int | None  # first month in which the student costs more than it saves
    serving: Fleet  # the cheapest that meets the latency target
    serving_options: tuple[Fleet, ...]
    simulation: Simulation


@dataclass(frozen=True)
class Prospects:
    """What learning more first, or starting later, would be worth."""

    information: Information
    waiting: Waiting


def economics(inputs: Inputs, spend_usd: float, configuration: Configuration, simulation: Simulation) -> Economics:
    """Every figure of one case. spend_usd: of a month now; the inputs hold what the configuration leaves."""
    both = paths(inputs)
    saved = both.cumulative_usd[:, 0]
    year: BreakEven = break_even(inputs, 12)
    full_month = int(np.ceil(inputs.build_months[0] + 1.5))
    ways = tuple(fleets(inputs, served_calls(inputs, full_month)))
    return Economics(
        monthly_spend_usd=spend_usd,
        configuration=configuration,
        one_off_usd=float(one_off_usd(inputs)[0]),
        cumulative_12m_usd=float(saved[12]),
        npv_24m_usd=float(both.npv_usd[-1, 0]),
        payback_months=payback_months(saved),
        break_even_spend_12m_usd=year.first_usd,
        break_even_spend_12m_safe_usd=year.safe_usd,
        break_even_spend_24m_npv_usd=npv_break_even(inputs).first_usd,
        irr_24m_yearly=irr_yearly(saved),
        retire_month=retire_month(inputs),
        serving=ways[0],
        serving_options=ways,
        simulation=simulation,
    )


def prospects_of(case: Assumptions, draws: int) -> Prospects:
    """From so many draws of one case."""
    sample = draw(case, draws)
    return Prospects(value_of_information(case, sample), best_delay(sample))

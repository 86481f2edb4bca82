"""The sentences of a verdict, each with its numbers."""

from collections.abc import Sequence

from analytics.alternatives import PricedAlternative
from analytics.amounts import amount, said, usd
from analytics.drivers import Driver
from analytics.economics import Economics
from analytics.gates import Reason
from analytics.information import Information
from analytics.simulate import Simulation
from analytics.waiting import Waiting


def words(name: str) -> str:
    """The name of an input as one says it."""
    return said(name)


def fix(one: PricedAlternative, simulation: Simulation) -> Reason:
    """A cheaper fix that comes first."""
    wins = simulation.alternative_wins[one.alternative.name]
    sentence = (
        f"First: {one.alternative.name}. It saves {one.alternative.saved_share:.0%} of the bill, worth "
        f"{usd(one.npv_24m_usd)} over 24 months; it pays more than a student in {wins:.0%} of the simulations."
    )
    return Reason("cheaper-fix", sentence)


def too_small(figures: Economics) -> Reason:
    """Why it does not pay."""
    spend, needed = figures.configuration.spend_usd, figures.break_even_spend_12m_usd
    if needed is None:
        sentence = "No monthly spend breaks even in 12 months: serving a student costs more than these calls do."
        return Reason("never-pays", sentence)
    if spend < needed:
        left = f" once {_and(figures.configuration.levers)} is in place" if figures.configuration.levers else ""
        sentence = f"The task costs {usd(spend)} a month{left}; a student breaks even in 12 months from {usd(needed)}."
        return Reason("low-volume", sentence)
    return Reason("does-not-pay", f"At {usd(spend)} a month the gain does not survive the uncertainty.")


def chances(figures: Economics) -> Reason:
    """How often it breaks even."""
    found = figures.simulation.p_break_even
    sentence = f"{found[12]:.1%} of the simulations break even within 12 months, {found[24]:.1%} within 24."
    return Reason("break-even-chance", sentence)


def worth(figures: Economics) -> Reason:
    """What it is worth, with its range."""
    simulation = figures.simulation
    return Reason(
        "net-present-value",
        f"Over 24 months it is worth {usd(simulation.npv_p50_usd)}, "
        f"between {usd(simulation.npv_p5_usd)} and {usd(simulation.npv_p95_usd)} in nine cases of ten.",
    )


def pilot_pays(information: Information, pilot_usd: float) -> Reason:
    """Why to look before leaping."""
    sentence = f"What a pilot shows is worth {usd(information.evsi_pilot_usd)} on average; it costs {usd(pilot_usd)}."
    return Reason("pilot-pays", sentence)


def settle(information: Information, pilot_usd: float) -> Reason:
    """What to find out where a paid pilot is not worth its price."""
    named = _and([words(one.name) for one in information.evppi[:2]])
    settled = f"; settle the {named} first, which costs less" if named else ""
    sentence = (
        f"It depends, and what a full pilot shows is worth {usd(information.evsi_pilot_usd)}, less than its "
        f"{usd(pilot_usd)}{settled}."
    )
    return Reason("depends", sentence)


def later(waiting: Waiting, figures: Economics) -> Reason:
    """Why to ask again later."""
    needed = figures.break_even_spend_24m_npv_usd
    grows = needed is not None and needed > figures.configuration.spend_usd
    sooner = f", or as soon as it costs {usd(needed)} a month" if needed is not None and grows else ""
    sentence = (
        f"Choosing in {waiting.months} months is worth {usd(waiting.worth_usd)} today, choosing now "
        f"{usd(waiting.now_usd)}: ask again then{sooner}."
    )
    return Reason("waiting-pays", sentence)


def no_pilot(figures: Economics, pilot_usd: float) -> Reason:
    """What perfect knowledge would be worth bounds what any pilot can be worth."""
    known = usd(figures.simulation.evpi_usd)
    return Reason("no-pilot", f"Knowing everything beforehand would be worth {known}, a pilot costs {usd(pilot_usd)}.")


def decided_by(drivers: Sequence[Driver]) -> list[Reason]:
    """The two inputs that a pilot should pin down."""
    parts = [_turn(driver) for driver in drivers[:2]]
    return [Reason("decided-by", f"What decides it: {' and '.join(parts)}.")] if parts else []


def untested(priced: Sequence[PricedAlternative]) -> list[Reason]:
    """Alternatives that look good on price alone: to be tested in the pilot, never decisive."""
    best = max(
        (one for one in priced if not one.alternative.is_measured and one.npv_24m_usd > 0),
        key=lambda one: one.npv_24m_usd,
        default=None,
    )
    if best is None:
        return []
    sentence = (
        f"Test first: {best.alternative.name} would be worth {usd(best.npv_24m_usd)} over 24 months if it keeps its "
        "promise, which nobody has measured on this task."
    )
    return [Reason("untested-alternative", sentence)]


def _turn(driver: Driver) -> str:
    label = words(driver.name)
    if driver.flip_value is None:
        return f"{label} (moves the value by {usd(driver.swing_usd)})"
    turn, now = (amount(value, driver.unit) for value in (driver.flip_value, driver.value))
    return f"{label} (the value changes sign at {turn}, now {now})"


def _and(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else list(names))

"""From numbers and gates to a verdict: one pure rule, with its reasons and what would turn it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from analytics import alternatives as levers
from analytics.alternatives import Alternative, PricedAlternative
from analytics.assumptions import Assumptions, Origin, known
from analytics.break_even import BreakEven, break_even, npv_break_even
from analytics.contracts import Verdict
from analytics.costs import irr_yearly, one_off_usd, paths, payback_months, peak_rps, retire_month
from analytics.drivers import Driver, largest
from analytics.gates import Gates, Reason, cautions, missing_data, refusals
from analytics.inputs import Inputs, inputs_of
from analytics.serving import Fleet, cheapest_fleet
from analytics.simulate import DRAWS, FAST_DRAWS, Simulation, simulate

DISTILL_P12 = 0.90  # chance of breaking even within 12 months that needs no pilot
HOPELESS_P24 = 0.05
PILOT_USD = 8_000.0  # 400 paired items, one engineer-week, 2,000 examples
CLEAR_WIN_SHARE = 0.80  # share of draws in which an alternative must pay more than the student
BIG_FIX_SHARE = 0.30  # share of the bill above which a fix is advised even where no student would pay


class AssumptionUsed(NamedTuple):
    """One input as it entered the decision."""

    name: str
    value: float
    unit: str
    origin: Origin


@dataclass(frozen=True)
class Economics:
    """The figures of one case. Deterministic where no percentile is named; USD unless the name says otherwise."""

    monthly_spend_usd: float
    one_off_usd: float
    cumulative_12m_usd: float
    npv_24m_usd: float
    payback_months: float | None
    break_even_spend_12m_usd: float | None  # first spend that breaks even
    break_even_spend_12m_safe_usd: float | None  # above it no added machine undoes the gain
    break_even_spend_24m_npv_usd: float | None
    irr_24m_yearly: float | None  # not for leaders: explodes on small outlays
    retire_month: int | None  # first month in which the student costs more than it saves
    serving: Fleet
    simulation: Simulation


@dataclass(frozen=True)
class Decision:
    """A verdict with everything that a brief shows."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    economics: Economics
    drivers: tuple[Driver, ...]
    alternatives: tuple[PricedAlternative, ...]
    assumptions: tuple[AssumptionUsed, ...]


def evaluate(
    assumptions: Assumptions,
    gates: Gates | None = None,
    alternatives: Sequence[Alternative] | None = None,
    *,
    fast: bool = False,
) -> Decision:
    """Decide one case. ``fast`` takes 20,000 draws for a portfolio of many tasks (within 1 % of a chance).

    Without gates only money decides; without alternatives, those that the assumptions know a share of.
    """
    inputs = inputs_of(assumptions)
    known_levers = levers.from_assumptions(assumptions) if alternatives is None else tuple(alternatives)
    figures = economics(inputs, simulate(assumptions, known_levers, FAST_DRAWS if fast else DRAWS))
    drivers = largest(assumptions)
    priced = tuple(levers.priced(lever, inputs) for lever in known_levers)
    verdict, reasons = judge(figures, drivers, priced, gates)
    used = tuple(
        AssumptionUsed(name, setting.value, known(name).unit, setting.origin)
        for name, setting in assumptions.settings.items()
    )
    return Decision(verdict, tuple(reasons), figures, drivers, priced, used)


def economics(inputs: Inputs, simulation: Simulation) -> Economics:
    """Every figure of one case."""
    both = paths(inputs)
    saved = both.cumulative_usd[:, 0]
    year: BreakEven = break_even(inputs, 12)
    full_month = int(np.ceil(inputs.build_months[0] + 1.5))
    return Economics(
        monthly_spend_usd=float(inputs.monthly_spend_usd[0]),
        one_off_usd=float(one_off_usd(inputs)[0]),
        cumulative_12m_usd=float(saved[12]),
        npv_24m_usd=float(both.npv_usd[-1, 0]),
        payback_months=payback_months(saved),
        break_even_spend_12m_usd=year.first_usd,
        break_even_spend_12m_safe_usd=year.safe_usd,
        break_even_spend_24m_npv_usd=npv_break_even(inputs).first_usd,
        irr_24m_yearly=irr_yearly(saved),
        retire_month=retire_month(inputs),
        serving=cheapest_fleet(inputs, peak_rps(inputs, full_month)),
        simulation=simulation,
    )


def judge(
    figures: Economics, drivers: Sequence[Driver], priced: Sequence[PricedAlternative], gates: Gates | None
) -> tuple[Verdict, list[Reason]]:
    """The rule: data first, then licence and task, then money."""
    if gates and (missing := missing_data(gates)):
        return Verdict.NOT_ENOUGH_DATA, missing + refusals(gates)
    notes = (cautions(gates) if gates else []) + _untested(priced)
    if gates and (refused := refusals(gates)):
        return Verdict.DO_NOT_DISTILL, refused + notes
    if gates and gates.low_volume.holds:
        return Verdict.DO_NOT_DISTILL, [Reason("low-volume", gates.low_volume.sentence), _too_small(figures), *notes]
    verdict, reasons = _money(figures, drivers, priced)
    # With a task in hand a pilot must be worth its price; a question without a log keeps the rule's cut-points.
    if gates and verdict is Verdict.PILOT and figures.simulation.evpi_usd < PILOT_USD and figures.npv_24m_usd < 0:
        verdict, reasons = Verdict.DO_NOT_DISTILL, [_too_small(figures), _chances(figures), _no_pilot(figures)]
    return verdict, reasons + notes


def _money(
    figures: Economics, drivers: Sequence[Driver], priced: Sequence[PricedAlternative]
) -> tuple[Verdict, list[Reason]]:
    p12, p24 = figures.simulation.p_break_even[12], figures.simulation.p_break_even[24]
    fix = _clear_fix(figures.simulation, priced)
    if fix and (p24 >= HOPELESS_P24 or fix.alternative.saved_share >= BIG_FIX_SHARE):
        return Verdict.CHEAPER_FIX_FIRST, [_fix(fix, figures.simulation), _chances(figures)]
    if p24 < HOPELESS_P24:
        also = [_fix(fix, figures.simulation)] if fix else []
        return Verdict.DO_NOT_DISTILL, [_too_small(figures), _chances(figures), *also]
    if p12 >= DISTILL_P12:
        return Verdict.DISTILL, [_chances(figures), _worth(figures)]
    return Verdict.PILOT, [_chances(figures), _worth(figures), *_undecided(drivers)]


def _clear_fix(simulation: Simulation, priced: Sequence[PricedAlternative]) -> PricedAlternative | None:
    """The best measured alternative that pays in 95 % of the draws and beats the student in 80 %."""
    clear = [
        one
        for one in priced
        if one.alternative.is_measured
        and simulation.alternative_wins[one.alternative.name] >= CLEAR_WIN_SHARE
        and simulation.alternative_p5_usd[one.alternative.name] > 0
    ]
    return max(clear, key=lambda one: one.npv_24m_usd, default=None)


def _fix(fix: PricedAlternative, simulation: Simulation) -> Reason:
    wins = simulation.alternative_wins[fix.alternative.name]
    return Reason(
        "cheaper-fix",
        f"An {fix.alternative.name} saves {fix.alternative.saved_share:.0%} of the bill, worth "
        f"{usd(fix.npv_24m_usd)} over 24 months; it pays more than a student in {wins:.0%} of the simulations.",
    )


def _too_small(figures: Economics) -> Reason:
    spend, needed = figures.monthly_spend_usd, figures.break_even_spend_12m_usd
    if needed is None:
        sentence = "No monthly spend breaks even in 12 months: serving a student costs more than these calls do."
        return Reason("never-pays", sentence)
    if spend < needed:
        sentence = f"The task costs {usd(spend)} a month; a student breaks even in 12 months from {usd(needed)}."
        return Reason("low-volume", sentence)
    return Reason("does-not-pay", f"At {usd(spend)} a month the gain does not survive the uncertainty.")


def _chances(figures: Economics) -> Reason:
    chances = figures.simulation.p_break_even
    sentence = f"{chances[12]:.1%} of the simulations break even within 12 months, {chances[24]:.1%} within 24."
    return Reason("break-even-chance", sentence)


def _worth(figures: Economics) -> Reason:
    simulation = figures.simulation
    return Reason(
        "net-present-value",
        f"Over 24 months it is worth {usd(simulation.npv_p50_usd)}, "
        f"between {usd(simulation.npv_p5_usd)} and {usd(simulation.npv_p95_usd)} in nine cases of ten.",
    )


def _no_pilot(figures: Economics) -> Reason:
    """What perfect knowledge would be worth bounds what any pilot can be worth."""
    worth = usd(figures.simulation.evpi_usd)
    return Reason("no-pilot", f"Knowing everything beforehand would be worth {worth}, a pilot costs {usd(PILOT_USD)}.")


def _undecided(drivers: Sequence[Driver]) -> list[Reason]:
    """The two inputs that a pilot should pin down."""
    parts = [_turn(driver) for driver in drivers[:2]]
    return [Reason("decided-by", f"What decides it: {' and '.join(parts)}.")] if parts else []


def _turn(driver: Driver) -> str:
    label = driver.name.removesuffix("_usd").replace("_", " ")
    if driver.flip_value is None:
        return f"{label} (moves the value by {usd(driver.swing_usd)})"
    turn, now = (amount(value, driver.unit) for value in (driver.flip_value, driver.value))
    return f"{label} (the value changes sign at {turn}, now {now})"


def _untested(priced: Sequence[PricedAlternative]) -> list[Reason]:
    """Alternatives that look good on price alone: to be tested in the pilot, never decisive."""
    best = max(
        (one for one in priced if not one.alternative.is_measured and one.npv_24m_usd > 0),
        key=lambda one: one.npv_24m_usd,
        default=None,
    )
    if best is None:
        return []
    sentence = f"Test first: a {best.alternative.name} would be worth {usd(best.npv_24m_usd)} over 24 months if"
    return [Reason("untested-alternative", f"{sentence} it keeps its promise, which nobody has measured on this task.")]


def amount(value: float, unit: str) -> str:
    """A value with its unit, as a person would write it.

    >>> amount(0.4553, "share / year"), amount(15808.9, "USD / month"), amount(6, "weeks")
    ('45.5%', '$15,809', '6 weeks')
    """
    if unit.startswith("share"):
        return f"{100 * value:.3g}%"
    return usd(value) if unit.startswith("USD") else f"{value:.3g} {unit}"


def usd(value: float) -> str:
    """Dollars for a sentence: whole, with the sign in front.

    >>> usd(-1234.5), usd(17230.86)
    ('-$1,234', '$17,231')
    """
    return f"{'-' if value <= -0.5 else ''}${abs(value):,.0f}"

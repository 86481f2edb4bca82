"""The rule from figures to a verdict: data first, then licence and task, then money.

1. A fix that passes the quality gate and pays more than the student in four of five draws comes first.
2. A chance to break even within 24 months below 5 %: do not.
3. A chance within 12 months of 90 %, and a gain over the best alternative in four of five draws: distil.
4. Between: a pilot where what it shows is worth more than it costs; wait where starting later is worth more, or
   starting now nothing on average; else what decides is named.
"""

from collections.abc import Callable, Sequence

from analytics import reasons as say
from analytics.alternatives import PricedAlternative
from analytics.contracts import Verdict
from analytics.drivers import Driver
from analytics.economics import Economics, Prospects
from analytics.gates import Gates, Reason, cautions, missing_data, refusals
from analytics.simulate import Simulation

DISTILL_P12 = 0.90  # chance of breaking even within 12 months that needs no pilot
DISTILL_GAIN_SHARE = 0.80  # share of draws in which a student must gain over the best configuration of the API
HOPELESS_P24 = 0.05
CLEAR_WIN_SHARE = 0.80  # share of draws in which an alternative must pay more than the student
BIG_FIX_SHARE = 0.30  # share of the bill above which a fix is advised even where no student would pay
LEAST_WAITING_GAIN = 0.05  # of the one-off cost, below which waiting is not worth a meeting

Judged = tuple[Verdict, list[Reason]]


def judge(
    figures: Economics,
    ask: Callable[[], Prospects],
    drivers: Sequence[Driver],
    priced: Sequence[PricedAlternative],
    gates: Gates | None,
    pilot_usd: float,
) -> Judged:
    """The verdict and its reasons, the first of which decided it. ask: gives the prospects, which take a second."""
    if gates and (missing := missing_data(gates)):
        return Verdict.NOT_ENOUGH_DATA, missing + refusals(gates)
    notes = (cautions(gates) if gates else []) + say.untested(priced)
    if gates and (refused := refusals(gates)):
        return Verdict.DO_NOT_DISTILL, refused + notes
    if gates and gates.low_volume.holds:
        low = Reason("low-volume", gates.low_volume.sentence)
        return Verdict.DO_NOT_DISTILL, [low, say.too_small(figures), *notes]
    verdict, found = _money(figures, priced) or _depends(figures, ask(), drivers, pilot_usd, bool(gates))
    return verdict, found + notes


def is_refused(gates: Gates | None) -> bool:
    """Do data, licence or the task itself decide, whatever the money says?"""
    return bool(gates and (missing_data(gates) or refusals(gates) or gates.low_volume.holds))


def _money(figures: Economics, priced: Sequence[PricedAlternative]) -> Judged | None:
    """Where money alone decides; None where it depends."""
    simulation = figures.simulation
    p12, p24 = simulation.p_break_even[12], simulation.p_break_even[24]
    fix = clear_fix(simulation, priced)
    if fix and (p24 >= HOPELESS_P24 or fix.alternative.saved_share >= BIG_FIX_SHARE):
        return Verdict.CHEAPER_FIX_FIRST, [say.fix(fix, simulation), say.chances(figures)]
    if p24 < HOPELESS_P24:
        also = [say.fix(fix, simulation)] if fix else []
        return Verdict.DO_NOT_DISTILL, [say.too_small(figures), say.chances(figures), *also]
    if p12 >= DISTILL_P12 and simulation.p_gain >= DISTILL_GAIN_SHARE:
        return Verdict.DISTILL, [say.chances(figures), say.worth(figures)]
    return None


def _depends(
    figures: Economics, prospects: Prospects, drivers: Sequence[Driver], pilot_usd: float, has_task: bool
) -> Judged:
    worth = [say.chances(figures), say.worth(figures)]
    information, waiting = prospects.information, prospects.waiting
    if information.evsi_pilot_usd > pilot_usd:
        return Verdict.PILOT, [*worth, say.pilot_pays(information, pilot_usd), *say.decided_by(drivers)]
    gains = waiting.gain_usd >= LEAST_WAITING_GAIN * figures.one_off_usd
    if gains or figures.simulation.npv_mean_usd <= 0:
        if (
            has_task and not gains and information.evpi_usd < pilot_usd
        ):  # a question without a log keeps the rule's cut-points
            told = [say.too_small(figures), say.chances(figures), say.no_pilot(figures, pilot_usd)]
            return Verdict.DO_NOT_DISTILL, told
        return Verdict.WAIT, [say.later(waiting, figures), *worth, *say.decided_by(drivers)]
    return Verdict.PILOT, [*worth, say.settle(information, pilot_usd), *say.decided_by(drivers)]


def clear_fix(simulation: Simulation, priced: Sequence[PricedAlternative]) -> PricedAlternative | None:
    """The best measured alternative that pays in 95 % of the draws and beats the student in 80 %."""
    clear = [
        one
        for one in priced
        if one.alternative.is_measured
        and one.alternative.saved_share > 0
        and simulation.alternative_wins[one.alternative.name] >= CLEAR_WIN_SHARE
        and simulation.alternative_p5_usd[one.alternative.name] > 0
    ]
    return max(clear, key=lambda one: one.npv_24m_usd, default=None)

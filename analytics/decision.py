"""One case decided: its figures, what else would help, what knowing more would be worth, and the verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from analytics.alternatives import Alternative, PricedAlternative, priced
from analytics.assumptions import Assumptions, Origin, known
from analytics.configuration import cheapest, with_levers
from analytics.contracts import Verdict
from analytics.drivers import Driver, flip_value, largest
from analytics.economics import Economics, Prospects, economics, prospects_of
from analytics.gates import Gates, Reason
from analytics.information import INFORMATION_DRAWS
from analytics.inputs import inputs_of
from analytics.levers import from_assumptions
from analytics.rule import judge
from analytics.simulate import DRAWS, FAST_DRAWS, simulate

ERROR_COST = "error_cost_calls"


class AssumptionUsed(NamedTuple):
    """One input as it entered the decision."""

    name: str
    value: float
    unit: str
    origin: Origin
    source: str = ""
    as_of: str = ""


@dataclass(frozen=True)
class Question:
    """What is asked: the inputs, what the log says of the task, and what else would help."""

    assumptions: Assumptions
    gates: Gates | None = None  # None: only money decides
    alternatives: tuple[Alternative, ...] | None = None  # None: those that the assumptions know a share of

    @property
    def levers(self) -> tuple[Alternative, ...]:
        """What would lower the bill without a student."""
        return from_assumptions(self.assumptions) if self.alternatives is None else self.alternatives


@dataclass(frozen=True)
class Decision:
    """A verdict with everything that a brief shows."""

    verdict: Verdict
    reasons: tuple[Reason, ...]
    economics: Economics
    prospects: Prospects | None  # None where the verdict did not ask and nobody else did
    drivers: tuple[Driver, ...]
    alternatives: tuple[PricedAlternative, ...]
    assumptions: tuple[AssumptionUsed, ...]
    caveat: str = ""  # what the verdict takes for granted, a sentence for its first line


def evaluate(
    assumptions: Assumptions,
    gates: Gates | None = None,
    alternatives: Sequence[Alternative] | None = None,
    *,
    fast: bool = False,
    in_full: bool = False,
) -> Decision:
    """Decide one case. ``fast`` takes 20,000 draws for a portfolio of many tasks (within 1 % of a chance), and looks at
    what more information or waiting would be worth only where the verdict depends on it, or ``in_full``.

    Without gates only money decides; without alternatives, those that the assumptions know a share of.
    """
    levers = from_assumptions(assumptions) if alternatives is None else tuple(alternatives)
    configuration = cheapest(assumptions, levers)
    case = with_levers(assumptions, configuration, levers)
    simulation = simulate(case, levers, FAST_DRAWS if fast else DRAWS, before=assumptions)
    figures = economics(inputs_of(case), assumptions.value("monthly_spend_usd"), configuration, simulation)
    ask = cache(lambda: prospects_of(case, FAST_DRAWS if fast else INFORMATION_DRAWS))
    drivers = largest(case)
    priced_levers = tuple(priced(lever, inputs_of(assumptions)) for lever in levers)
    verdict, reasons = judge(figures, ask, drivers, priced_levers, gates, case.value("pilot_usd"))
    prospects = ask() if in_full or not fast or ask.cache_info().currsize else None
    return Decision(
        verdict, tuple(reasons), figures, prospects, drivers, priced_levers, _used(assumptions), _caveat(case, gates)
    )


def _caveat(case: Assumptions, gates: Gates | None) -> str:
    """What an error costs is nobody's guess but the organisation's: until it has said so, every verdict says that."""
    if gates is None or gates.error_cost_confirmed:
        return ""
    value, turn = case.value(ERROR_COST), flip_value(case, ERROR_COST)
    turns = "no cost turns its sign" if turn is None else f"the value changes sign at {turn:,.0f} calls"
    return f"It assumes that one extra error costs as much as {value:g} calls, which nobody has confirmed; {turns}."


def _used(assumptions: Assumptions) -> tuple[AssumptionUsed, ...]:
    return tuple(
        AssumptionUsed(name, setting.value, known(name).unit, setting.origin, setting.source, setting.as_of)
        for name, setting in assumptions.settings.items()
    )

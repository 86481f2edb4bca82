"""What would change our mind: the value at which each input turns the answer, and when that is foretold to happen."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np

from analytics.alternatives import PricedAlternative
from analytics.amounts import amount, said, usd
from analytics.assumptions import Assumptions, known
from analytics.beside_money import ModelShare
from analytics.costs import npv_usd
from analytics.decision import Decision
from analytics.drivers import Driver, flip_value
from analytics.growth import DAYS_A_MONTH
from analytics.inputs import inputs_of
from analytics.verdict_turns import VerdictTurn
from analytics.waiting import price_cut

ALSO = ("fallback_share", "error_cost_calls")  # asked whatever their swing: quality is what a leader doubts first
FORETOLD_MONTHS = 60
CUTS = np.linspace(0.0, 0.95, 1_901)


class Change(NamedTuple):
    """One thing that would turn the answer."""

    code: str  # the input, or the kind of event
    sentence: str
    on: str | None = None  # ISO day on which it is foretold or due
    unit: str = ""  # of the two values
    value: float | None = None  # of the input now; None for an event
    turn: float | None = None  # at which the present value changes sign
    verdict_turn: float | None = None  # nearest value at which the verdict turns
    turns_to: str | None = None  # the verdict given from there on


@dataclass(frozen=True)
class Case:
    """What is asked: a decision, its student's case, and the day."""

    decision: Decision
    student: Assumptions  # on what the cheapest API configuration leaves
    today: date
    verdict_turns: Mapping[str, VerdictTurn | None] = field(default_factory=dict)
    teachers: Sequence[ModelShare] = ()  # models of the newest month


def changes(case: Case, drivers: Sequence[Driver], offers: Mapping[str, Any]) -> list[Change]:
    """The largest inputs first, then events. drivers: largest first. offers: data/prices/alternatives.toml."""
    turning = {driver.name: driver.flip_value for driver in drivers}
    turning |= {name: flip_value(case.student, name) for name in ALSO if name not in turning}
    turning |= {name: flip_value(case.student, name) for name in case.verdict_turns if name not in turning}
    turns = case.verdict_turns
    found = [_turn(case, name, turn) for name, turn in turning.items() if turn is not None or turns.get(name)]
    events = [_price_cut(case), _untested(case), _waiting(case), _offer_ends(case, offers), _retirement(case)]
    return [*found, *(one for one in events if one), *_teachers_end(case)]


def day_after(today: date, months: float) -> date:
    """The day so many months from now; a month has 30.4 days."""
    return today + timedelta(days=round(months * DAYS_A_MONTH))


def _turn(case: Case, name: str, turn: float | None) -> Change:
    """Where the value changes sign, and where the verdict turns: one may come without the other."""
    value, unit = case.student.value(name), known(name).unit
    verdict = case.verdict_turns.get(name)
    month = _spend_reaches(case.student, turn) if name == "monthly_spend_usd" and turn is not None else None
    at, to = (verdict.value, verdict.verdict.value) if verdict else (None, None)
    sentence = f"{_told(name, value, turn, verdict)}{', at the growth and price decline assumed' if month else ''}."
    return Change(name, sentence, None if month is None else _day(case, month), unit, value, turn, at, to)


def _told(name: str, value: float, turn: float | None, verdict: VerdictTurn | None) -> str:
    unit = known(name).unit
    signs = [f"the value changes sign at {amount(turn, unit)}"] if turn is not None else []
    turns = [f"the verdict turns to {verdict.verdict} at {amount(verdict.value, unit)}"] if verdict else []
    return f"{said(name)[:1].upper()}{said(name)[1:]}, now {amount(value, unit)}: {' and '.join([*turns, *signs])}"


def _spend_reaches(student: Assumptions, turn: float) -> int | None:
    """Months until the bill is foretold to reach a value; None within five years."""
    month = np.arange(FORETOLD_MONTHS + 1)
    price = (1 - student.value("yearly_price_decline")) ** (month / 12)
    bill = student.value("monthly_spend_usd") * (1 + student.value("monthly_growth")) ** month * price
    there = np.flatnonzero((bill >= turn) != (bill[0] >= turn))
    return int(there[0]) if len(there) else None


def _price_cut(case: Case) -> Change | None:
    """A cut of the API's price on the first day, errors and engineers costing what they cost."""
    gains = npv_usd(price_cut(inputs_of(case.student), 1 - CUTS)) >= 0
    if not gains[0] or gains.all():
        return None
    cut = float(CUTS[int(np.argmin(gains))])
    decline = case.student.value("yearly_price_decline")
    sentence = f"A cut of the API's price by {cut:.0%} at the start takes the gain away"
    if not decline:
        return Change("price-cut", f"{sentence}.")
    months = 12 * math.log(1 - cut) / math.log(1 - decline)
    return Change("price-cut", f"{sentence}; at {decline:.0%} a year it comes by then.", _day(case, months))


def _untested(case: Case) -> Change | None:
    """A cheaper model that passes the quality gate competes with any student."""
    rivals = [one for one in case.decision.alternatives if not one.alternative.is_measured and one.npv_24m_usd > 0]
    best: PricedAlternative | None = max(rivals, key=lambda one: one.npv_24m_usd, default=None)
    if best is None:
        return None
    wins = case.decision.economics.simulation.alternative_wins[best.alternative.name]
    sentence = (
        f"If the {best.alternative.name} passes the quality gate, it is worth {usd(best.npv_24m_usd)} and beats a "
        f"student in {'every draw' if wins == 1 else f'{wins:.1%} of the draws'}; nobody has tested it on this task."
    )
    return Change("cheaper-model", sentence)


def _waiting(case: Case) -> Change | None:
    waiting = case.decision.prospects.waiting if case.decision.prospects else None
    if waiting is None or waiting.gain_usd <= 0:
        return None
    sentence = f"Choosing then is worth {usd(waiting.worth_usd)} today, choosing now {usd(waiting.now_usd)}."
    return Change("waiting", sentence, _day(case, waiting.months))


def _offer_ends(case: Case, offers: Mapping[str, Any]) -> Change | None:
    """A dated end of the vendor's own fine-tuning, where it is among the options."""
    if not any(one.alternative.name == "fine-tuned at the vendor" for one in case.decision.alternatives):
        return None
    ends = [one["until"] for one in offers.get("fine_tuning", {}).values() if one.get("until")]
    if not ends or min(ends) <= case.today:
        return None
    return Change("offer-ends", "The vendor takes no new fine-tuning job from that day on.", min(ends).isoformat())


def _teachers_end(case: Case) -> list[Change]:
    """A teacher leaves its vendor's API: whatever is decided, its calls have to go somewhere by then."""
    return [_teacher_ends(one, one.retires_on, case.today) for one in case.teachers if one.retires_on]


def _teacher_ends(teacher: ModelShare, day: str, today: date) -> Change:
    calls = f"{teacher.share:.0%} of the calls"
    if date.fromisoformat(day) <= today:
        return Change("teacher-retired", f"{teacher.model} ({calls}) has left its vendor's API.", day)
    sentence = f"{teacher.model} leaves its vendor's API: {calls} must go to another model or a student by then."
    return Change("teacher-retires", sentence, day)


def _retirement(case: Case) -> Change | None:
    """From when the student costs more than it saves."""
    month = case.decision.economics.retire_month
    if month is None:
        return None
    sentence = "From then on falling prices make the API cheaper than the student: retire it or decide anew."
    return Change("retire", sentence, _day(case, month - 1))


def _day(case: Case, months: float) -> str:
    return day_after(case.today, months).isoformat()

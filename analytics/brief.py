"""One task's page: the verdict in a sentence, the figures with their ranges, and what would change our mind."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from analytics.amounts import usd
from analytics.assumptions import Assumptions
from analytics.beside_money import BesideMoney, beside_money
from analytics.changes import ALSO, Case, Change, changes, day_after
from analytics.configuration import with_levers
from analytics.contracts import Interval, Verdict
from analytics.decision import Decision, Question
from analytics.decision_record import alternatives as alternative_rows
from analytics.decision_record import flip_values, record
from analytics.drivers import largest
from analytics.fan import BreakEvenBand, CashAtRisk, FanPoint, cash_fan
from analytics.inputs import inputs_of
from analytics.measured_levers import offers
from analytics.narrowness_words import explain
from analytics.profile import TaskProfile
from analytics.promise import Promise, Step, next_step, promise
from analytics.rule import is_refused
from analytics.settings import DEFAULT_OWNER
from analytics.surface import Surface, default_surface
from analytics.verdict_turns import verdict_turns
from analytics.waterfall import Bar, waterfall

TORNADO_DRIVERS = 6

TITLES = {
    Verdict.DISTILL: "Distil now",
    Verdict.PILOT: "Pilot first",
    Verdict.CHEAPER_FIX_FIRST: "Cheaper fix first",
    Verdict.WAIT: "Wait",
    Verdict.DO_NOT_DISTILL: "Do not distil",
    Verdict.NOT_ENOUGH_DATA: "Not enough data",
}
NEXT_STEPS = {
    Verdict.DISTILL: "Train it: spiritsafe plan {task}, then spiritsafe launch PLAN.",
    Verdict.PILOT: "Train a first student on the log's answers, no paid call, and replay it: spiritsafe plan {task}.",
    Verdict.CHEAPER_FIX_FIRST: "Put the cheaper fix in place, then import a month of logs and ask again.",
    Verdict.WAIT: "Ask again when the price list or the volume changes.",
    Verdict.DO_NOT_DISTILL: "Leave it on the API. Ask again when volume, price or the task itself changes.",
    Verdict.NOT_ENOUGH_DATA: "Import more of the log, with prompts and answers, and ask again.",
}


@dataclass(frozen=True)
class Provenance:
    """From which data, prices and code the figures are, and how to make them again."""

    made_on: str  # ISO day
    snapshot_id: str  # hash of the data and what was found in it
    data_version: str  # hash of the stored calls
    data_from: str
    data_to: str
    price_date: str
    code_version: str
    command: str


@dataclass(frozen=True)
class Brief:
    """Everything on the page of one task. Keys of ``spiritsafe brief --json``."""

    task_id: str
    name: str
    verdict: Verdict
    title: str
    headline: str
    reasons: list[dict[str, Any]]  # code and sentence
    next_step: str
    owner: str  # the role that does the next step
    teacher: str | None  # the model with most calls
    teacher_retires_on: str | None  # ISO day on which its vendor takes it off; None: not known
    figures: dict[str, Any]  # as ``whatif`` prints them
    drivers: list[dict[str, Any]]
    flip_values: list[dict[str, Any]]
    alternatives: list[dict[str, Any]]
    assumptions: list[dict[str, Any]]  # name, value, unit, origin
    profile: TaskProfile
    narrowness: dict[str, str]  # a sentence for each component that is known
    fan: list[FanPoint]
    caveat: str  # what the verdict takes for granted; also the end of the headline
    tornado: list[dict[str, Any]]  # the six largest drivers
    break_even_band: BreakEvenBand
    cash_at_risk: CashAtRisk
    waterfall: list[Bar]  # the first full year
    changes: list[Change]  # what would change our mind
    step: Step
    promise: Promise
    beside_money: BesideMoney
    retire_on: str | None  # ISO day
    is_refused: bool  # data, licence or the task decide, whatever the money says
    surface: Surface  # value and chance over today's spend and the share handed back
    provenance: Provenance


@dataclass(frozen=True)
class JudgedTask:
    """One task with what was asked of it and what was decided."""

    profile: TaskProfile
    question: Question
    decision: Decision
    owner: str = DEFAULT_OWNER  # the role that does the next step

    @property
    def assumptions(self) -> Assumptions:
        """The task's case as measured and set."""
        return self.question.assumptions

    @property
    def student(self) -> Assumptions:
        """The student's case, on what the cheapest API configuration leaves."""
        configuration = self.decision.economics.configuration
        return with_levers(self.question.assumptions, configuration, self.question.levers)


def make_brief(asked: JudgedTask, provenance: Provenance, failures: Sequence[Mapping[str, Any]] = ()) -> Brief:
    """The page of one task from what was measured and decided. failures: rows of ``list_failures``."""
    profile, decision, student = asked.profile, asked.decision, asked.student
    tornado, today = largest(student, TORNADO_DRIVERS), date.fromisoformat(provenance.made_on)
    cash, beside = cash_fan(student), beside_money(profile, student, decision.economics.serving, failures)
    turning = [*dict.fromkeys([*(driver.name for driver in decision.drivers), *ALSO])]
    turns = verdict_turns(asked.question, decision, turning)
    teacher = beside.models[0].model if beside.models else None
    said = NEXT_STEPS[decision.verdict].format(task=profile.task_id)
    retires = decision.economics.retire_month
    case = Case(decision, student, today, turns, beside.models)
    return Brief(
        task_id=profile.task_id,
        name=profile.name,
        verdict=decision.verdict,
        title=TITLES[decision.verdict],
        headline=headline(decision),
        reasons=[reason._asdict() for reason in decision.reasons],
        next_step=said,
        owner=asked.owner,
        teacher=teacher,
        teacher_retires_on=beside.teacher_retires_on,
        figures=_figures(decision),
        drivers=[asdict(driver) for driver in decision.drivers],
        flip_values=flip_values(decision, turns),
        alternatives=alternative_rows(decision),
        assumptions=[used._asdict() for used in decision.assumptions],
        profile=profile,
        narrowness=_narrowness(profile),
        fan=cash.points,
        caveat=decision.caveat,
        tornado=[asdict(driver) for driver in tornado],
        break_even_band=cash.break_even,
        cash_at_risk=cash.at_risk,
        waterfall=waterfall(decision.economics.monthly_spend_usd, inputs_of(student)),
        changes=changes(case, tornado, offers()),
        step=next_step(said, decision, student)._replace(owner=asked.owner),
        promise=promise(profile, student, is_confirmed=not decision.caveat),
        beside_money=beside,
        retire_on=day_after(today, retires - 1).isoformat() if retires else None,
        is_refused=is_refused(asked.question.gates),
        surface=default_surface(asked.question),
        provenance=provenance,
    )


def _figures(decision: Decision) -> dict[str, Any]:
    """The figures of ``whatif`` that have no field of their own."""
    apart = ("drivers", "flip_values", "alternatives", "assumptions", "reasons", "verdict")
    return {key: value for key, value in record(decision).items() if key not in apart}


def headline(decision: Decision) -> str:
    """The verdict in one sentence: what it pays where it pays, the first reason where it does not."""
    title = TITLES[decision.verdict]
    first = decision.reasons[0].sentence if decision.reasons else "no reason recorded."
    told = _pays(decision) if decision.verdict in (Verdict.DISTILL, Verdict.PILOT) else first
    return f"{title}: {told} {decision.caveat}".rstrip()


def _pays(decision: Decision) -> str:
    figures, simulation = decision.economics, decision.economics.simulation
    low, high, chance = simulation.npv_p5_usd, simulation.npv_p95_usd, simulation.p_break_even[12]
    payback = "does not break even within 24 months"
    if figures.payback_months is not None:
        payback = f"breaks even after {figures.payback_months:.1f} months"
    return (
        f"worth {usd(simulation.npv_p50_usd)} over 24 months ({usd(low)} to {usd(high)} in nine cases of ten), "
        f"{payback}, with a chance of {chance:.0%} to do so within 12."
    )


def _narrowness(profile: TaskProfile) -> dict[str, str]:
    return explain(profile.narrowness, profile.teacher_accuracy_gold) if profile.narrowness else {}


def interval_of(found: Mapping[str, Any] | None) -> Interval | None:
    """An interval read back from JSON."""
    return Interval(**found) if found else None

"""The leadership brief as one object, built once: every document and the dashboard render this and nothing else.

Texts are plain: each renderer escapes them for its own format.
"""

from dataclasses import dataclass

from analytics.brief import Brief, Provenance
from analytics.contracts import Verdict
from analytics.forecast_words import told
from analytics.reports import page_tables as tables
from analytics.reports import present
from analytics.reports.beside import beside_table
from analytics.reports.blocks import Dated, Fact, Table
from analytics.reports.looks import Look, look
from analytics.reports.verdict_facts import verdict_facts

HYPOTHETICAL = "The figures are what a student would pay if that did not stand in its way."
TOLD_ELSEWHERE = ("untested-alternative",)  # among what would change our mind


@dataclass(frozen=True)
class BriefPage:
    """What the brief of one task says, in the order in which it says it."""

    task: str
    look: Look
    sentence: str  # the verdict, without its title and its caveat
    caveat: str
    facts: tuple[Fact, ...]
    step: tuple[Fact, ...]  # the next step, its cost, what it is worth
    reasons: tuple[str, ...]
    turns: Table  # the value of each input at which the verdict turns and the value changes sign
    changes: tuple[Dated, ...]  # events
    options: Table
    serving: Table
    information: Table
    promise: tuple[Fact, ...]
    beside: Table
    narrowness: tuple[str, ...]
    forecast: tuple[str, ...]  # the coming months, and how far the last forecast was off
    inputs: Table  # measured or set by a person
    defaults: str  # how many inputs are at their default, the largest of them named
    surface: Table  # appendix: the spend from which it pays, by the share handed back
    provenance: Provenance
    footer: tuple[Fact, ...]

    @property
    def title(self) -> str:
        """Task and verdict."""
        return f"{self.task}: {self.look.label}"


def brief_page(found: Brief) -> BriefPage:
    """The page of a brief."""
    sentence = found.headline.removeprefix(f"{found.title}: ").removesuffix(found.caveat).strip()
    return BriefPage(
        task=found.name,
        look=look(found.verdict),
        sentence=sentence[:1].upper() + sentence[1:],
        caveat=" ".join(part for part in (_hypothetical(found), found.caveat) if part),
        facts=verdict_facts(found),
        step=_step(found),
        reasons=tuple(reason["sentence"] for reason in found.reasons if reason["code"] not in TOLD_ELSEWHERE),
        turns=tables.turns(found),
        changes=_events(found),
        options=tables.options(found),
        serving=tables.serving(found),
        information=tables.information(found),
        promise=_promise(found),
        beside=beside_table(found.beside_money),
        narrowness=tuple(found.narrowness.values()),
        forecast=tuple(told(found.profile.forecast)),
        inputs=tables.inputs(found),
        defaults=tables.defaulted(found),
        surface=tables.surface(found),
        provenance=found.provenance,
        footer=footer(found.provenance),
    )


def _hypothetical(found: Brief) -> str:
    """A task that is refused although money speaks for it shows figures of what cannot be had."""
    refused = found.verdict in (Verdict.DO_NOT_DISTILL, Verdict.NOT_ENOUGH_DATA)
    return HYPOTHETICAL if refused and found.figures["npv_24m_p50_usd"] > 0 else ""


def _events(found: Brief) -> tuple[Dated, ...]:
    """What would turn the answer at once, dated where a day is known; the earliest first."""
    events = sorted((one for one in found.changes if one.value is None), key=lambda one: one.on or "9999")
    return tuple(Dated(one.on and present.day_and_year(one.on), one.sentence) for one in events)


def _step(found: Brief) -> tuple[Fact, ...]:
    step = found.step
    worth = f"{present.usd(step.worth_usd)} ({step.worth_is})" if step.worth_usd is not None else present.MISSING
    return (
        Fact("Next step", step.sentence),
        Fact("It costs", present.usd(step.cost_usd)),
        Fact("It is worth", worth),
        Fact("Owner", step.owner),
        Fact("Teacher", _teacher(found)),
    )


def _teacher(found: Brief) -> str:
    """Whose answers the student would learn from, and until when they can be had."""
    if found.teacher is None:
        return present.MISSING
    day = found.teacher_retires_on
    return f"{found.teacher}, retirement {present.day_and_year(day) if day else 'not known'}"


def _promise(found: Brief) -> tuple[Fact, ...]:
    """A guarantee, not a benchmark: what calibration will hold, and what is assumed of the rest."""
    given, agreement = found.promise, found.promise.agreement
    sure = "confirmed" if given.is_confirmed else "assumed; nobody has confirmed it"
    shown = present.MISSING
    if agreement:
        between = present.percent_range(agreement.low, agreement.high, 1)
        shown = f"{present.percent(agreement.value, 1)} ({between}, {agreement.covers})"
    return (
        Fact("Guarantee", f"at most {present.percent(given.alpha)} of the answers that the student serves differ from "
             f"the teacher's, with {present.percent(1 - given.delta)} confidence; calibration sets the cut so"),
        Fact("Coverage foretold", f"{present.percent(given.coverage)} of the calls under that guarantee"),
        Fact("Agreement foretold", shown),
        Fact("Extra errors assumed", f"{present.percent(given.error_delta, 1)} of the served calls"),
        Fact("Cost of one error", f"{given.error_cost_calls:g} calls, {present.usd(given.error_cost_usd)}; {sure}"),
    )  # fmt: skip


def footer(given: Provenance) -> tuple[Fact, ...]:
    """From what the figures are, and how to make them again."""
    return (
        Fact("Made on", present.day_and_year(given.made_on)),
        Fact("Log", f"{present.day_and_year(given.data_from)} to {present.day_and_year(given.data_to)}"),
        Fact("Prices of", present.day_and_year(given.price_date)),
        Fact("Data", f"{given.data_version}, analysis {given.snapshot_id}"),
        Fact("Code", f"spiritsafe {given.code_version}"),
        Fact("Again", given.command),
    )

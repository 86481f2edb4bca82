"""The portfolio brief as one object, built once: every document renders this and nothing else."""

from dataclasses import dataclass

from analytics.brief import Provenance
from analytics.portfolio_brief import PlannedProject, PortfolioBrief
from analytics.portfolio_plan import Spread
from analytics.reports import present
from analytics.reports.blocks import Fact, Table
from analytics.reports.looks import look
from analytics.reports.page import footer

REASON_CHARACTERS = 140


@dataclass(frozen=True)
class PortfolioPage:
    """What the portfolio brief says."""

    sentence: str
    facts: tuple[Fact, ...]
    projects: Table
    left_out: Table
    tasks: Table
    how_totals: str
    provenance: Provenance
    footer: tuple[Fact, ...]
    title: str = "Portfolio brief"


def portfolio_page(found: PortfolioBrief) -> PortfolioPage:
    """The page of a plan."""
    chosen = [one for one in found.projects if one.is_chosen]
    left = [one for one in found.projects if not one.is_chosen]
    return PortfolioPage(
        sentence=_sentence(found, chosen),
        facts=_facts(found),
        projects=Table("What to do, the best use of what is scarcer first", _header(found), tuple(
            (*_row(one), _per_unit(one)) for one in chosen)),
        left_out=Table("Not within these limits, or not at all", (*_header(found)[:-1], "because"), tuple(
            (*_row(one), one.left_out_because) for one in left)),
        tasks=_tasks(found),
        how_totals=found.how_totals,
        provenance=found.provenance,
        footer=footer(found.provenance),
    )  # fmt: skip


def _sentence(found: PortfolioBrief, chosen: list[PlannedProject]) -> str:
    if not chosen:
        return "Nothing pays on average within these limits: leave every task as it is."
    total = found.total
    return (
        f"{present.plural(len(chosen), 'project')} worth {present.usd(total.p50)} together over 24 months "
        f"({present.usd_range(total.p5, total.p95)} in nine cases of ten), for {found.engineer_weeks:g} "
        f"engineer-weeks and {present.usd(found.one_off_usd)}; the chance of a loss is {present.percent(total.p_loss)}."
    )


def _facts(found: PortfolioBrief) -> tuple[Fact, ...]:
    weeks = "no limit" if found.engineer_weeks_limit is None else f"of {found.engineer_weeks_limit:g}"
    budget = "no limit" if found.budget_usd is None else f"of {present.usd(found.budget_usd)}"
    total, tasks = found.total, present.plural(len(found.tasks), "task")
    return (
        Fact("Spent now", f"{present.usd(found.monthly_spend_usd)} a month", f"on {tasks}"),
        Fact("Worth together", present.usd(total.p50), f"{present.usd_range(total.p5, total.p95)} (5–95%)"),
        Fact("Chance of a loss", present.percent(total.p_loss, 1), f"mean {present.usd(total.mean)}"),
        Fact("Takes", f"{found.engineer_weeks:g} weeks, {present.usd(found.one_off_usd)}",
             f"engineering: {weeks}; money: {budget}; scarcer: {found.scarcer}"),
    )  # fmt: skip


def _header(found: PortfolioBrief) -> tuple[str, ...]:
    unit = "worth per week" if found.scarcer == "engineer-weeks" else "worth per $ paid"
    return ("project", "verdict", "expected", "5th to 95th percentile", "chance of loss", "weeks", "one-off", unit)


def _row(one: PlannedProject) -> tuple[str, ...]:
    value: Spread = one.value
    over = f" over {present.plural(len(one.tasks), 'task')}" if one.kind == "lever" else ""
    return (
        f"{one.name}{over}",
        _unbroken(look(one.verdict).text) if one.verdict else "cheaper fix",
        present.usd(value.mean),
        present.usd_range(value.p5, value.p95),
        present.percent(value.p_loss),
        f"{one.engineer_weeks:.1f}",
        present.usd(one.one_off_usd),
    )


def _unbroken(text: str) -> str:
    return text.replace(" ", "\u00a0")


def _per_unit(one: PlannedProject) -> str:
    return present.MISSING if one.per_unit_usd is None else present.usd(one.per_unit_usd)


def _tasks(found: PortfolioBrief) -> Table:
    rows = tuple(
        (line.name, _unbroken(look(line.verdict).text), present.usd(line.monthly_spend_usd),
         present.shorten(line.reason, REASON_CHARACTERS))
        for line in found.tasks
    )  # fmt: skip
    return Table("Every task, dearest first", ("task", "verdict", "a month", "main reason"), rows)
